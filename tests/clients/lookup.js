// What Node finds by itself, without the C library: as lookup.c.
const dns = require('dns').promises;

const name = process.argv[2];
Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]).then((results) => {
  const addresses = results.flatMap((result) => result.value ?? []);
  addresses.forEach((address) => console.log(address));
  const codes = results.map((result) => result.reason?.code).filter((code) => code);
  if (addresses.length === 0) {
    console.error(codes.join(' '));
    process.exitCode = 1;
  }
});
