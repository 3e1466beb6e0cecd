// Loads the modules of a project as a bundler or a TypeScript runner would: every module transpiled to CommonJS by TypeScript's own
// `transpileModule`, resolved by the project's paths, its workspace packages and its generated clients.
//
// A registry of its own per project and run: what one run's modules hold, no other run sees.

import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";

const EXTENSIONS = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
const STAND_INS = path.join(import.meta.dirname, "standins");

/**
 * `root`: the project; `clients`: `[{ output, generated }]` as Python's `clients()` gives them; `places`: folders with `node_modules`, in
 * the order in which packages are looked for; `cache`: a folder for transpiled code; `client(exports)`: what to make of a generated client.
 */
export function createLoader({ root, clients, places, cache, client }) {
  const requires = places.map((place) => createRequire(path.join(place, "_.js")));
  const typescript = () => requires.map((one) => attempt(() => one("typescript"))).find(Boolean);
  const packages = workspacePackages(root);
  const wrapped = new Map();
  const configs = new Map();
  let modules = new Map();

  return {
    /** The exports of the module at `file`, relative to the project's root; evaluated at the first call. */
    load: (file) => evaluate(path.join(root, file)),
    /** What a development server does when a file was edited: every module of the project is evaluated again; globals stay. */
    reload: () => void (modules = new Map()),
    /** Load the generated clients: the globals that they make are nobody's. */
    prepare: () => clients.forEach(({ generated }) => void generatedClient(generated, "")),
    /** A package as the project would get it. */
    need: (specifier) => fromPackages(specifier),
  };

  function evaluate(file) {
    const known = modules.get(file);
    if (known) return known.exports;
    const module = { exports: {}, filename: file };
    modules.set(file, module);
    try {
      if (file.endsWith(".json")) module.exports = JSON.parse(fs.readFileSync(file, "utf8"));
      else {
        const run = vm.compileFunction(transpiled(file), ["exports", "require", "module", "__filename", "__dirname"], { filename: file });
        run.call(module.exports, module.exports, (specifier) => need(specifier, file), module, file, path.dirname(file));
      }
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    return module.exports;
  }

  function transpiled(file) {
    const source = fs.readFileSync(file, "utf8");
    const key = crypto.createHash("sha256").update(`${path.extname(file)}\0${source}`).digest("hex").slice(0, 24);
    const kept = path.join(cache, `${key}.js`);
    if (fs.existsSync(kept)) return fs.readFileSync(kept, "utf8");
    const ts = typescript();
    const { outputText } = ts.transpileModule(source, {
      fileName: file,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.CommonJS,
        esModuleInterop: true,
        experimentalDecorators: true,
        jsx: ts.JsxEmit.ReactJSX,
      },
    });
    fs.mkdirSync(cache, { recursive: true });
    const own = `${kept}.${process.pid}`;
    fs.writeFileSync(own, outputText);
    fs.renameSync(own, kept);
    return outputText;
  }

  function need(specifier, from) {
    const target = inProject(specifier, from);
    return target ? enter(target) : fromPackages(specifier);
  }

  function enter(target) {
    for (const { output, generated } of clients) {
      if (output === null) continue;
      if (target === output || target.startsWith(output + path.sep)) return generatedClient(generated, target.slice(output.length));
    }
    const file = existing(target);
    if (!file) throw new Error(`Cannot find module '${target}'`);
    return evaluate(file);
  }

  /** The absolute path that a specifier means inside the project (an extension may be missing), or undefined. */
  function inProject(specifier, from) {
    if (specifier.startsWith(".")) return path.resolve(path.dirname(from), specifier);
    const own = workspaceTarget(packages, specifier);
    if (own) return own;
    const { paths = {}, base } = config(path.dirname(from));
    for (const [pattern, targets] of Object.entries(paths)) {
      const [start, end] = pattern.split("*");
      if (end === undefined ? specifier !== pattern : !(specifier.startsWith(start) && specifier.endsWith(end))) continue;
      const star = specifier.slice(start.length, specifier.length - (end?.length ?? 0));
      const found = targets.map((target) => path.resolve(base, target.replace("*", star))).find(known);
      if (found) return found;
    }
    return undefined;
  }

  function known(target) {
    return existing(target) || clients.some(({ output }) => output !== null && (target + path.sep).startsWith(output + path.sep));
  }

  function config(folder) {
    if (configs.has(folder)) return configs.get(folder);
    const file = path.join(folder, "tsconfig.json");
    let found = {};
    if (fs.existsSync(file)) {
      const ts = typescript();
      const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(file, ts.sys.readFile).config, { ...ts.sys, readDirectory: () => [] }, folder);
      found = { paths: options.paths, base: options.baseUrl ?? options.pathsBasePath };
    } else if (folder.startsWith(root) && folder !== root) found = config(path.dirname(folder));
    configs.set(folder, found);
    return found;
  }

  function fromPackages(specifier) {
    const own = clients.find(({ output }) => output === null);
    if (own && specifier === "@prisma/client") return generatedClient(own.generated, "");
    const standIn = path.join(STAND_INS, `${specifier.replaceAll("/", "-")}.cjs`);
    if (fs.existsSync(standIn)) return requires[0](standIn);
    for (const one of requires) {
      const file = attempt(() => one.resolve(specifier));
      if (file) return one(specifier);
    }
    throw new Error(`Cannot find package '${specifier}'`);
  }

  function generatedClient(generated, inside) {
    const file = [generated + inside, path.join(generated, "index"), path.join(generated, "client")].map(existing).find(Boolean);
    if (!wrapped.has(file)) {
      const javascript = fs.existsSync(path.join(generated, "index.js"));
      wrapped.set(file, client(javascript ? requires[0](file) : evaluate(file)));
    }
    return wrapped.get(file);
  }
}

function existing(target) {
  const written = /\.([mc]?)jsx?$/.exec(target);
  const bare = written ? [target, target.replace(/js(x?)$/, "ts$1")] : EXTENSIONS.map((extension) => target + extension);
  const candidates = [...bare, ...EXTENSIONS.slice(1).map((extension) => path.join(target, `index${extension}`))];
  return candidates.find((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile());
}

function workspacePackages(root) {
  const manifests = fs.readdirSync(root, { recursive: true }).filter((file) => path.basename(file) === "package.json");
  return manifests.flatMap((file) => {
    const manifest = JSON.parse(fs.readFileSync(path.join(root, file), "utf8"));
    return manifest.name ? [{ folder: path.join(root, path.dirname(file)), ...manifest }] : [];
  });
}

function workspaceTarget(packages, specifier) {
  for (const { name, folder, exports, main } of packages) {
    if (specifier !== name && !specifier.startsWith(`${name}/`)) continue;
    const inside = `.${specifier.slice(name.length)}`;
    const entry = exports?.[inside] ?? (inside === "." ? (main ?? "index") : inside);
    return path.join(folder, typeof entry === "string" ? entry : (entry.import ?? entry.require ?? entry.default));
  }
  return undefined;
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
