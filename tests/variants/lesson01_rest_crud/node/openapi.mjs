// The OpenAPI document (https://spec.openapis.org/oas/v3.1.0), written by hand.

const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;

const name = { type: "string", minLength: 1, maxLength: 200 };
const price = { type: "number", minimum: 0, maximum: 9_999_999_999.99, description: "At most two decimals" };
const id = { type: "integer", minimum: 1, maximum: LARGEST_INTEGER };
const changes = { type: "object", properties: { name, price }, additionalProperties: false };
const draft = { ...changes, required: ["name", "price"] };
const product = { type: "object", properties: { id, name, price }, required: ["id", "name", "price"] };
const errors = { type: "object", properties: { errors: { type: "object", additionalProperties: { type: "string" } } } };

const content = (schema) => ({ content: { "application/json": { schema } } });
const header = (title, type, description) => ({ headers: { [title]: { description, schema: { type } } } });
const query = (title, lowest, highest, standard) => ({
  name: title,
  in: "query",
  schema: { type: "integer", minimum: lowest, maximum: highest, default: standard },
});

const badInput = { 422: { description: "Bad input", ...content(errors) } };
const notFound = { 404: { description: "No such product" } };
const tooLarge = { 413: { description: "The body is over 1 MB" } };
const ok = { 200: { description: "The product", ...content(product) } };
const created = {
  201: { description: "Created", ...content(product), ...header("Location", "string", "Where the new product is") },
};
const listed = {
  200: {
    description: "One page",
    ...content({ type: "array", items: product }),
    ...header("X-Total-Count", "integer", "How many there are in all"),
  },
};

const reads = (summary, responses) => ({ summary, responses: { ...responses, ...badInput } });
const writes = (summary, schema, responses) => ({
  summary,
  requestBody: { required: true, ...content(schema) },
  responses: { ...responses, ...badInput, ...tooLarge },
});

export const document = {
  openapi: "3.1.0",
  info: { title: "Shop", version: "1.0.0" },
  paths: {
    "/health": { get: { summary: "Whether the process can serve", responses: { 200: { description: "It can" } } } },
    "/api/products": {
      get: {
        ...reads("List products by id", listed),
        parameters: [query("limit", 1, 100, 20), query("offset", 0, LARGEST_INTEGER, 0)],
      },
      post: writes("Create a product", draft, created),
    },
    "/api/products/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: id }],
      get: reads("Read a product", { ...ok, ...notFound }),
      put: writes("Replace a product", draft, { ...ok, ...notFound }),
      patch: writes("Change a part of a product", changes, { ...ok, ...notFound }),
      delete: reads("Delete a product", { 204: { description: "Deleted" }, ...notFound }),
    },
  },
};
