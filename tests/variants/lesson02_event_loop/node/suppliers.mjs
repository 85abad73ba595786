// All suppliers, asked at once. fetch keeps its connections open and uses them again.

import { settings } from "./settings.mjs";

const LARGEST_OFFER = 100_000;
const DEAREST = 9_999_999_999.99;

/** What every supplier asks for a product; `gone` is a signal that nobody wants to know any more. */
export async function quotesFor(productId, gone) {
  const answers = await Promise.all(settings.supplierUrls.map((url) => ask(url, productId, gone)));
  return {
    productId,
    quotes: answers.filter((answer) => "price" in answer),
    missing: answers.filter((answer) => "reason" in answer),
  };
}

async function ask(supplier, productId, gone) {
  const late = AbortSignal.timeout(settings.supplierTimeoutMs);
  try {
    return { supplier, price: await priceFrom(`${supplier}/prices/${productId}`, AbortSignal.any([late, gone])) };
  } catch (error) {
    return { supplier, reason: late.aborted ? `no answer within ${settings.supplierTimeoutMs} ms` : String(error) };
  }
}

async function priceFrom(url, signal) {
  const response = await fetch(url, { signal, redirect: "manual" });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  const { price } = JSON.parse(await textOf(response.body));
  if (typeof price !== "number" || !(price >= 0 && price <= DEAREST)) throw new Error("it has no sane price");
  // n / 100 is the binary float nearest to n cents, and so is what the parser made of two decimals.
  if (Math.round(price * 100) / 100 !== price) throw new Error("it counts in fractions of a cent");
  return price;
}

/** The text of a body, counted as it comes; leaving the loop closes the connection. */
async function textOf(body) {
  const chunks = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_OFFER) throw new Error("it sends too much");
    chunks.push(chunk);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
}
