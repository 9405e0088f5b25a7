"use strict";
// Shows the API's description with Swagger UI, which the page has loaded before.
const place = document.getElementById("swagger");
SwaggerUIBundle({ url: place.dataset.url, domNode: place, deepLinking: true, validatorUrl: null });
