// Runs pytest in Pyodide, under Node: node pyodide.mjs RELEASE WHEELS REPOSITORY [PYTEST ARGUMENTS]
import { createRequire } from "node:module";
import { readdirSync } from "node:fs";

const [release, wheels, repository, ...args] = process.argv.slice(2);
const { loadPyodide } = createRequire(import.meta.url)(`${release}/pyodide.js`);
const python = await loadPyodide({
  indexURL: release,
  packages: ["numpy", "scipy", "pandas", "pyarrow"],
  stdout: (line) => console.log(line),
  env: { HOME: "/home/pyodide", CI: process.env.CI ?? "" },
});
for (const [place, folder] of [["/wheels", wheels], ["/repository", repository]]) {
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, place);
}
python.globals.set("names", python.toPy(readdirSync(wheels)));
python.globals.set("args", python.toPy(args));
const code = python.runPython(`
import os, site, sys, zipfile
for name in names:
    zipfile.ZipFile(f"/wheels/{name}").extractall(site.getsitepackages()[0])
sys.dont_write_bytecode = True
os.chdir("/repository")
sys.path.insert(0, "/repository")
import pyarrow  # first: it warns that Pyodide's own list of time zones is empty
import pytest
int(pytest.main(list(args)))
`);
process.exit(code);
