// Runs `examples/hello` after jco has made JavaScript of it: jco.mjs DIRECTORY.
const { hello } = await import(`${process.argv[2]}/hello.js`);
for (const name of ["World", "Wörld", "World", "Wörld"]) {
  console.log(hello(name));
}
