// What the process is told. What makes no sense ends it with one line and status 2.

function wrong(variable, problem) {
  console.error(`${variable}: ${problem}`);
  process.exit(2);
}

/** A whole number written in digits, within bounds. */
export function whole(text, lowest, highest) {
  const number = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
  return number >= lowest && number <= highest ? number : undefined;
}

function wholeFrom(variable, lowest, highest) {
  const number = whole(process.env[variable] ?? "", lowest, highest);
  return number ?? wrong(variable, `must be a whole number from ${lowest} to ${highest}`);
}

function isAddress(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) return false;
  return !(url.username || url.password || url.search || url.hash);
}

function addressesFrom(variable) {
  const addresses = (process.env[variable] ?? "").split(",");
  if (!addresses.every(isAddress)) wrong(variable, "must be addresses of the form http://host:port/path, with commas");
  return addresses.map((address) => address.replace(/\/+$/, ""));
}

export const settings = {
  port: wholeFrom("PORT", 1, 65535),
  supplierUrls: addressesFrom("SUPPLIER_URLS"),
  supplierTimeoutMs: wholeFrom("SUPPLIER_TIMEOUT_MS", 1, 60_000),
};
