// The resources of the shop: what each does with a request, as { status, headers, json or html }.

import { document } from "./openapi.mjs";
import { productFields, Refusal, whole } from "./validation.mjs";

const products = new Map();
let lastId = 0;

// Money is kept as a whole number of cents: a binary float holds those exactly.
const asJson = ({ id, name, cents }) => ({ id, name, price: cents / 100 });

function productOf(id) {
  const product = products.get(whole(id, "id", 1, Number.MAX_SAFE_INTEGER));
  if (!product) throw new Refusal(404, { id: "there is no product of that id" });
  return product;
}

function list({ query }) {
  const limit = whole(query.get("limit") ?? "20", "limit", 1, 100);
  const offset = whole(query.get("offset") ?? "0", "offset", 0, Number.MAX_SAFE_INTEGER);
  const page = [...products.values()].slice(offset, offset + limit).map(asJson);
  return { status: 200, headers: { "X-Total-Count": products.size }, json: page };
}

function create({ body }) {
  const fields = productFields(body, ["name", "price"]);
  const product = { id: ++lastId, ...fields };
  products.set(product.id, product);
  return { status: 201, headers: { Location: `/api/products/${product.id}` }, json: asJson(product) };
}

function change(id, body, required) {
  const fields = productFields(body, required);
  return { status: 200, json: asJson(Object.assign(productOf(id), fields)) };
}

function remove({ id }) {
  products.delete(productOf(id).id);
  return { status: 204 };
}

function docs() {
  const escape = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  const sections = Object.entries(document.paths).map(
    ([path, described]) => `<h2>${escape(path)}</h2><pre>${escape(JSON.stringify(described, null, 2))}</pre>`,
  );
  const { title } = document.info;
  const html = `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${sections.join("")}`;
  return { status: 200, html };
}

/** Each resource: its path, whose group is the id, and its methods. */
export const resources = [
  [/^\/health$/, { GET: () => ({ status: 200, json: { status: "ok" } }) }],
  [/^\/api\/products$/, { GET: list, POST: create }],
  [
    /^\/api\/products\/([^/]+)$/,
    {
      GET: ({ id }) => ({ status: 200, json: asJson(productOf(id)) }),
      PUT: ({ id, body }) => change(id, body, ["name", "price"]),
      PATCH: ({ id, body }) => change(id, body, []),
      DELETE: remove,
    },
  ],
  [/^\/openapi\.json$/, { GET: () => ({ status: 200, json: document }) }],
  [/^\/docs$/, { GET: docs }],
];
