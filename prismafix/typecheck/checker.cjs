// Asks the project's own TypeScript about contents that are only in memory. Writes nothing, and loads nothing of the project but the
// `typescript` package that it is told to: no plugins, no transformers, no configuration that is code.
//
// Standard input, one JSON value a line, each answered by one line on standard output:
//   { typescript: folder }                first; -> { version } or { unusable: version }
//   { do: "plan", files, importers }      -> { programs: [{ config, unchecked, roots, broken }] }: what files belong to. `config` null:
//        there is none; `broken` says what of the configuration is missing
//   { do: "check", program, files, before } -> { diagnostics: [{ path, line, column, code, message, known }], checked, reach, unresolved }
//        `files`: path -> text, null where there is no such file; everything else is as on disk. The files are checked for which it can make
//        a difference whether it is `files` or `before`; `reach` has for each with an error those of `files` that it depends on.
//        `unresolved` are the packages that nothing was found for before, and `known` says that an error is about one.
//   { do: "ask", program, files, only, alone } -> { diagnostics }: of `only` these files. Some errors are reported where the compiler meets a
//        type first; with `alone` each file is the first.
//   lines { done, total } may come before an answer; { failed: text } is the answer when the compiler throws.
// All paths are absolute. Lines and columns are 1-based, columns in UTF-16 units.

"use strict";
const fs = require("fs");
const path = require("path");

const JAVASCRIPT = /\.[mc]?jsx?$/;
const CONFIGS = ["tsconfig.json", "jsconfig.json"];
// In JavaScript that the project does not check, most of what TypeScript says is about types that nobody wrote down. These are about names:
// not found, or declared twice; not exported; no such module; used before it is there; assigned though constant.
const NO_SUCH_FILE = new Set([5012, 5083, 6053]);
const NO_SUCH_MODULE = new Set([2307, 2792, 7016]);
const ABOUT_NAMES = new Set([2300, 2304, 2305, 2307, 2440, 2448, 2451, 2454, 2552, 2588, 2613, 2614, 2724]);

let ts;

function load({ typescript }) {
  const { version } = require(path.join(typescript, "package.json"));
  if (parseInt(version) >= 7) return { unusable: version }; // what can be called from here is called unstable there
  ts = require(typescript);
  return { version };
}

// --- which program a file belongs to ---------------------------------------------------------------------------------------------

const parsed = new Map();

function configuration(file) {
  if (!parsed.has(file)) {
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} };
    const config = ts.getParsedCommandLineOfConfigFile(file, {}, host);
    if (config) config.members = new Set(config.fileNames.map((name) => path.resolve(name)));
    parsed.set(file, config);
  }
  return parsed.get(file);
}

/** The configuration that takes `file` in: `config` itself, or one that it refers to. */
function owner(config, file, seen = new Set()) {
  if (seen.has(config)) return null;
  seen.add(config);
  const found = configuration(config);
  if (found?.members.has(file)) return config;
  for (const reference of found?.projectReferences ?? []) {
    const referred = owner(path.resolve(ts.resolveProjectReferencePath(reference)), file, seen);
    if (referred) return referred;
  }
  return null;
}

/** `config`, or what it refers to if it holds no files itself: then its own options are for nothing. */
function withOptions(config) {
  const found = configuration(config);
  if (!found || found.fileNames.length || !found.projectReferences?.length) return config;
  const referred = found.projectReferences.map((one) => path.resolve(ts.resolveProjectReferencePath(one))).filter(configuration);
  return referred.find((one) => configuration(one).options.paths) ?? referred[0] ?? config;
}

/** As an editor does it: the nearest configuration upwards that takes the file in, else the nearest, else none. */
function configOf(file) {
  let nearest = null;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const name = CONFIGS.find((one) => fs.existsSync(path.join(folder, one)));
    if (name) {
      const config = path.join(folder, name);
      // `tsconfig.server.json` beside it may be for the files that it leaves out.
      const beside = fs.readdirSync(folder).filter((one) => /^tsconfig\..+\.json$/.test(one)).sort();
      for (const one of [config, ...beside.map((other) => path.join(folder, other))]) {
        const found = owner(one, file);
        if (found) return found;
      }
      nearest = nearest ?? withOptions(config);
    }
    if (folder === path.dirname(folder)) return nearest;
  }
}

function isUnchecked(file, config) {
  if (!JAVASCRIPT.test(file) || (config && configuration(config)?.options.checkJs)) return false;
  return !/^\s*(\/\/|\/\*|\*).*@ts-check/m.test(fs.readFileSync(file, "utf8"));
}

function plan({ files, importers }) {
  const programs = new Map();
  const add = (file, isImporter) => {
    const config = configOf(file);
    const unchecked = isUnchecked(file, config);
    const key = `${config}|${unchecked}`;
    const missing = config && configuration(config)?.errors.find((error) => NO_SUCH_FILE.has(error.code));
    const broken = missing ? ts.flattenDiagnosticMessageText(missing.messageText, " ") : null;
    if (broken && isImporter) return;
    if (!programs.has(key)) programs.set(key, { config, unchecked, roots: [], broken });
    if (unchecked || !config || !configuration(config)?.members.has(file)) programs.get(key).roots.push(file);
  };
  for (const file of files) add(file, false);
  for (const file of importers) add(file, true);
  return { programs: [...programs.values()] };
}

// --- one program, over contents that change ------------------------------------------------------------------------------------

const DEFAULTS = { allowJs: true, checkJs: true, esModuleInterop: true, resolveJsonModule: true, skipLibCheck: true };

function settings({ config, unchecked, roots }) {
  const own = config ? configuration(config) : undefined;
  const options = { ...own?.options };
  if (!own) {
    Object.assign(options, DEFAULTS, {
      target: ts.ScriptTarget.ES2022 ?? ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler ?? ts.ModuleResolutionKind.NodeJs,
      jsx: ts.JsxEmit.Preserve,
    });
  }
  if (unchecked) Object.assign(options, DEFAULTS, { strict: false, noImplicitAny: false, maxNodeModuleJsDepth: 0 });
  const declares = Boolean(options.declaration || options.composite) && !unchecked;
  Object.assign(options, { noEmit: true, declaration: declares, declarationMap: false, emitDeclarationOnly: false });
  Object.assign(options, { composite: false, incremental: false, tsBuildInfoFile: undefined, isolatedDeclarations: false });
  delete options.plugins;
  const rootNames = unchecked ? roots : [...new Set([...(own?.fileNames ?? []), ...roots])];
  return { options, declares, rootNames, references: unchecked ? undefined : own?.projectReferences };
}

let program;
let contents = new Map();
const sources = new Map();

/** A parsed file, the same one as long as its text is the same: what has not changed is neither parsed nor bound again. */
function sourceFile(name, languageVersionOrOptions) {
  const key = [languageVersionOrOptions?.languageVersion ?? languageVersionOrOptions, languageVersionOrOptions?.impliedNodeFormat].join();
  const memory = contents.get(path.resolve(name));
  const versions = sources.get(name) ?? [];
  let known = versions.find((one) => one.key === key && one.memory === memory);
  if (!known) {
    const text = memory === undefined ? ts.sys.readFile(name) : memory;
    const file = typeof text === "string" ? ts.createSourceFile(name, text, languageVersionOrOptions) : undefined;
    known = { key, memory, file };
    sources.set(name, [...versions, known]);
  }
  return known.file;
}

function hostOf(options, folder) {
  const host = ts.createCompilerHost(options);
  const { fileExists, directoryExists, readFile } = ts.sys;
  return Object.assign(host, {
    getSourceFile: sourceFile,
    getSourceFileByPath: undefined,
    writeFile() {},
    getCurrentDirectory: () => folder,
    fileExists(name) {
      const memory = contents.get(path.resolve(name));
      return memory === undefined ? fileExists(name) : memory !== null;
    },
    readFile(name) {
      const memory = contents.get(path.resolve(name));
      return memory === undefined ? readFile(name) : (memory ?? undefined);
    },
    directoryExists(name) {
      if (directoryExists(name)) return true;
      const prefix = path.resolve(name) + path.sep;
      return [...contents].some(([file, text]) => text !== null && file.startsWith(prefix));
    },
    // A referred project is read from its sources, as editors do: its declarations may not be built.
    useSourceOfProjectReferenceRedirect: () => true,
  });
}

// A workspace's own packages are found in node_modules too, but lie elsewhere.
const isOwn = (file) => !file.fileName.includes("/node_modules/") && !program.isSourceFileDefaultLibrary(file);

/** For each of the project's files, those that it imports. Package specifiers that lead nowhere are added to `missing`. */
function imports(missing = new Set()) {
  const checker = program.getTypeChecker();
  const found = new Map();
  for (const file of program.getSourceFiles().filter(isOwn)) {
    const targets = new Set();
    for (const literal of file.imports ?? []) {
      if (literal.pos < 0) continue; // made up by the compiler, for JSX
      const symbol = checker.getSymbolAtLocation(literal);
      const target = symbol?.declarations?.find(ts.isSourceFile);
      if (target) targets.add(target);
      else if (!symbol && !literal.text.startsWith(".")) missing.add(literal.text);
    }
    found.set(file, targets);
  }
  return found;
}

function reachable(start, edges) {
  const found = new Set(start);
  for (const file of found) for (const next of edges.get(file) ?? []) found.add(next);
  return found;
}

function reversed(edges) {
  const found = new Map();
  for (const [from, targets] of edges) {
    for (const to of targets) found.has(to) ? found.get(to).push(from) : found.set(to, [from]);
  }
  return found;
}

/** Whether a file says, or said, something about all others: it is no module, or declares what is global or in another module. */
function isGlobal(file) {
  if (JAVASCRIPT.test(file.fileName)) return false;
  return !ts.isExternalModule(file) || /\bdeclare\s+(global|module)\b/.test(file.text + (ts.sys.readFile(file.fileName) ?? ""));
}

function build({ config, roots }, { options, rootNames, references }, files) {
  contents = new Map(Object.entries(files));
  const host = hostOf(options, path.dirname(config ?? roots[0]));
  program = ts.createProgram({
    rootNames: rootNames.filter((name) => host.fileExists(name)),
    options,
    host,
    projectReferences: references,
    oldProgram: program,
  });
}

const shapes = new Map();
const unresolved = new Set();

/** What other files can see of a file: its declarations. Undefined where the compiler does not say. */
function shapeOf(file) {
  let text;
  try {
    // The last argument makes declarations even where the project emits nothing. The compiler's own watch mode calls it like this.
    program.emit(file, (_, data) => (text = (text ?? "") + data), undefined, true, undefined, true);
  } catch {}
  return text;
}

function check({ program: asked, files, before }) {
  const how = settings(asked);
  const names = Object.keys(files);
  if (names.some((name) => !shapes.has(name))) {
    build(asked, how, before);
    for (const name of names) {
      const file = program.getSourceFile(name);
      shapes.set(name, file ? shapeOf(file) : null);
    }
    imports(unresolved);
  }
  build(asked, how, files);
  const changed = names.map((name) => program.getSourceFile(name)).filter(Boolean);
  const edges = imports();
  const everywhere = changed.some(isGlobal);
  const asking = affected(changed, edges).filter(isOwn);
  const diagnostics = [];
  const reach = {};
  asking.forEach((file, number) => {
    if (number % 20 === 0) send({ done: number, total: asking.length });
    const found = diagnosticsOf(file, how.declares, asked.unchecked);
    if (!found.length) return;
    diagnostics.push(...found);
    const behind = reachable([file], edges);
    const below = everywhere ? changed : changed.filter((one) => behind.has(one));
    reach[path.resolve(file.fileName)] = below.map((one) => path.resolve(one.fileName));
  });
  return { diagnostics, checked: asking.length, reach, unresolved: [...unresolved].sort() };
}

function ask({ program: asked, files, only, alone }) {
  const how = settings(asked);
  const diagnostics = [];
  only.forEach((name, number) => {
    if (alone || number === 0) build(asked, how, files);
    if (alone || number % 20 === 0) send({ done: number, total: only.length });
    const file = program.getSourceFile(name);
    if (file) diagnostics.push(...diagnosticsOf(file, how.declares, asked.unchecked));
  });
  return { diagnostics };
}

/** The changed files, and all that depend on one whose declarations are others than before. On a new file only changed ones depend. */
function affected(changed, edges) {
  const visible = changed.filter((file) => {
    const before = shapes.get(path.resolve(file.fileName));
    if (before === null) return isGlobal(file);
    return before === undefined || before !== shapeOf(file);
  });
  const found = visible.some(isGlobal) ? edges.keys() : reachable(visible, reversed(edges));
  return [...new Set([...changed, ...found])];
}

function diagnosticsOf(file, declares, unchecked) {
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  if (declares && !file.isDeclarationFile) found.push(...program.getDeclarationDiagnostics(file));
  return found
    .filter((one) => one.category === ts.DiagnosticCategory.Error && one.file && one.start !== undefined)
    .filter((one) => !unchecked || one.code < 2000 || (JAVASCRIPT.test(one.file.fileName) && ABOUT_NAMES.has(one.code)))
    .map((one) => {
      const { line, character } = one.file.getLineAndCharacterOfPosition(one.start);
      const message = ts.flattenDiagnosticMessageText(one.messageText, "\n");
      const specifier = NO_SUCH_MODULE.has(one.code) ? one.file.text.slice(one.start + 1, one.start + one.length - 1) : "";
      const known = unresolved.has(specifier);
      return { path: path.resolve(one.file.fileName), line: line + 1, column: character + 1, code: one.code, message, known };
    });
}

// --- talking ---------------------------------------------------------------------------------------------------------------------

function send(value) {
  let data = Buffer.from(JSON.stringify(value) + "\n");
  while (data.length) data = data.subarray(fs.writeSync(1, data));
}

function answer(request) {
  try {
    if (request.typescript) return load(request);
    return { plan, check, ask }[request.do](request);
  } catch (error) {
    return { failed: String(error?.message ?? error).split("\n", 1)[0] };
  }
}

require("readline")
  .createInterface({ input: process.stdin, crlfDelay: Infinity })
  .on("line", (line) => send(answer(JSON.parse(line))));
