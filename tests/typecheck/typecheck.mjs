// Type-checks many small projects against one Prisma version, in few compiler runs.
//
// Standard input, JSON: { "version": "prisma7", "jobs": [{ "name", "root", "clients": [{ "output": path | null, "generated": path }] }] }
//   `root`: folder of the project; `clients`: where the project expects a generated client (`null`: `@prisma/client`) and where it really is.
// Standard output, JSON: { "<name>": ["src/a.ts:3:5 TS2322 Type …"], … }: one entry per job, empty when it compiles.
//
// Projects with equal compiler options are compiled as ONE program: what a generated client's types cost is then paid once for all of
// them. They cannot see each other: every import is resolved here, by the project that the importing file belongs to.

import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const HERE = import.meta.dirname;
const SOURCE = /\.(?:[mc]?ts|tsx|[mc]?js|jsx)$/;
const JAVASCRIPT = /\.(?:[mc]?js|jsx)$/;

const { version, jobs } = JSON.parse(fs.readFileSync(0, "utf8"));
const versionFolder = path.join(HERE, version);
const ambient = fs.readdirSync(path.join(HERE, "ambient")).map((name) => path.join(HERE, "ambient", name));

function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesBelow(full);
    return SOURCE.test(entry.name) ? [full] : [];
  });
}

/** The project's own options for `file`: its nearest tsconfig.json, or none. */
function projectOptions(job, file) {
  for (let folder = path.dirname(file); folder.startsWith(job.root); folder = path.dirname(folder)) {
    if (job.configs.has(folder)) return job.configs.get(folder);
    const config = path.join(folder, "tsconfig.json");
    if (fs.existsSync(config)) {
      const parsed = ts.parseJsonConfigFileContent(ts.readConfigFile(config, ts.sys.readFile).config, ts.sys, folder, {}, config);
      const errors = parsed.errors.filter((error) => error.code !== 18003);
      if (errors.length) throw new Error(`${config}: ${ts.flattenDiagnosticMessageText(errors[0].messageText, " ")}`);
      job.configs.set(folder, parsed.options);
      return parsed.options;
    }
  }
  return {};
}

/** What decides how a file is checked. JavaScript is checked too (a name that is left without its import must not pass), but not strictly. */
function programOptions(own, isJavaScript) {
  return {
    strict: isJavaScript ? false : (own.strict ?? false),
    noUncheckedIndexedAccess: !isJavaScript && own.noUncheckedIndexedAccess,
    exactOptionalPropertyTypes: !isJavaScript && own.exactOptionalPropertyTypes,
    verbatimModuleSyntax: !isJavaScript && own.verbatimModuleSyntax,
    experimentalDecorators: own.experimentalDecorators,
    emitDecoratorMetadata: own.emitDecoratorMetadata,
    noUnusedLocals: !isJavaScript,
    allowJs: true,
    checkJs: true,
    module: own.module ?? ts.ModuleKind.ESNext,
    moduleResolution: own.moduleResolution ?? (own.module === ts.ModuleKind.NodeNext ? ts.ModuleResolutionKind.NodeNext : ts.ModuleResolutionKind.Bundler),
    allowImportingTsExtensions: own.allowImportingTsExtensions,
    moduleDetection: ts.ModuleDetectionKind.Force,
    esModuleInterop: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    noEmit: true,
    jsx: ts.JsxEmit.ReactJSX,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"],
    typeRoots: [path.join(HERE, "node_modules/@types")],
  };
}

const jobOf = new Map();
const groups = new Map();
for (const job of jobs) {
  job.configs = new Map();
  job.packages = new Map();
  for (const file of filesBelow(job.root)) {
    jobOf.set(file, job);
    const options = programOptions(projectOptions(job, file), JAVASCRIPT.test(file));
    // Two projects that declare globals would see each other's.
    const alone = /declare\s+global/.test(fs.readFileSync(file, "utf8"));
    const key = JSON.stringify(options) + (alone ? job.name : "");
    if (!groups.has(key)) groups.set(key, { options, files: [] });
    groups.get(key).files.push(file);
  }
  for (const manifest of fs.readdirSync(job.root, { recursive: true }).filter((name) => path.basename(name) === "package.json")) {
    const { name } = JSON.parse(fs.readFileSync(path.join(job.root, manifest), "utf8"));
    if (name) job.packages.set(name, path.join(job.root, path.dirname(manifest)));
  }
}

const GENERATED = new Map(jobs.flatMap((job) => job.clients.map((client) => [client.generated, client])));

/** A specifier that a workspace package's name begins, as a path into that package; null for any other. */
function workspaceTarget(job, specifier) {
  for (const [name, folder] of job.packages) {
    if (specifier !== name && !specifier.startsWith(name + "/")) continue;
    const subpath = "." + specifier.slice(name.length);
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
    const entry = manifest.exports?.[subpath] ?? (subpath === "." ? (manifest.types ?? manifest.main ?? "./index") : subpath);
    return path.join(folder, typeof entry === "string" ? entry : (entry.types ?? entry.import ?? entry.default));
  }
  return null;
}

/** The generated client behind a path inside a client's `output` (which does not exist in the fixture), else the path itself. */
function intoGenerated(job, target) {
  for (const client of job.clients) {
    if (client.output !== null && (target === client.output || target.startsWith(client.output + path.sep))) {
      return client.generated + target.slice(client.output.length);
    }
  }
  return target;
}

function resolver(options, host) {
  const cache = new Map();
  const standard = (specifier, from, opts, mode) => ts.resolveModuleName(specifier, from, opts, host, undefined, undefined, mode).resolvedModule;

  function fromProject(job, specifier, file, mode) {
    const own = projectOptions(job, file);
    const paths = { ...options, paths: own.paths, pathsBasePath: own.pathsBasePath, baseUrl: own.baseUrl };
    if (specifier.startsWith(".")) {
      const target = path.resolve(path.dirname(file), specifier);
      return standard(intoGenerated(job, target), file, options, mode);
    }
    const inWorkspace = workspaceTarget(job, specifier);
    if (inWorkspace) return standard(intoGenerated(job, inWorkspace), file, options, mode);
    const client = job.clients.find((candidate) => candidate.output === null);
    const deep = /^@prisma\/client(?:\/(edge|default|index))?$/.exec(specifier);
    if (client && deep) return standard(path.join(client.generated, deep[1] ?? "index"), file, { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext }, mode);
    for (const [pattern, targets] of Object.entries(own.paths ?? {})) {
      const [before, after] = pattern.split("*");
      if (!pattern.includes("*") ? specifier !== pattern : !(specifier.startsWith(before) && specifier.endsWith(after))) continue;
      const star = specifier.slice(before.length, specifier.length - (after?.length ?? 0));
      for (const target of targets) {
        const full = path.resolve(own.pathsBasePath ?? own.baseUrl, target.replace("*", star));
        const found = standard(intoGenerated(job, full), file, options, mode);
        if (found) return found;
      }
    }
    return own.baseUrl ? standard(specifier, file, paths, mode) : undefined;
  }

  return (specifier, file, mode) => {
    const job = jobOf.get(file);
    const key = `${mode}|${job || specifier.startsWith(".") ? file : ""}|${specifier}`;
    if (cache.has(key)) return cache.get(key);
    let found = job && fromProject(job, specifier, file, mode);
    if (!found && !job) {
      const client = [...GENERATED.keys()].find((folder) => file.startsWith(folder + path.sep));
      const runtime = client && /^\.\.?\/runtime\/(.*)$/.exec(specifier);
      found = runtime
        ? standard(path.join(versionFolder, "node_modules/@prisma/client/runtime", runtime[1]), file, options, mode)
        : specifier.startsWith(".")
          ? standard(specifier, file, options, mode)
          : undefined;
    }
    if (!found && !specifier.startsWith(".")) {
      found = standard(specifier, path.join(HERE, "_.mts"), options, mode) ?? standard(specifier, path.join(versionFolder, "_.mts"), options, mode);
    }
    if (found?.resolvedUsingTsExtension && !/\.[mc]?tsx?$/.test(specifier)) {
      // A package's `exports` led to the .ts file, not the one who wrote the import.
      found = { ...found, resolvedUsingTsExtension: false };
    }
    cache.set(key, found);
    return found;
  };
}

const declarations = new Map();

function compile({ options, files }) {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, languageVersion, ...rest) => {
    if (!name.endsWith(".d.ts")) return read.call(host, name, languageVersion, ...rest);
    const key = `${name}|${languageVersion.impliedNodeFormat}|${options.module}`;
    if (!declarations.has(key)) declarations.set(key, read.call(host, name, languageVersion, ...rest));
    return declarations.get(key);
  };
  const resolve = resolver(options, host);
  host.resolveModuleNameLiterals = (literals, file, _redirected, _options, containing) =>
    literals.map((literal) => ({
      resolvedModule: resolve(literal.text, file, ts.getModeForUsageLocation(containing, literal, options)),
    }));
  host.resolveTypeReferenceDirectiveReferences = (references, file) =>
    references.map((reference) => {
      const name = typeof reference === "string" ? reference : reference.fileName;
      return ts.resolveTypeReferenceDirective(name, path.join(HERE, "_.mts"), options, host);
    });
  const program = ts.createProgram({ rootNames: [...files, ...ambient], options, host });
  const found = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()].map((diagnostic) => [null, diagnostic]);
  for (const file of [...files, ...ambient]) {
    const source = program.getSourceFile(file);
    for (const diagnostic of [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]) found.push([file, diagnostic]);
  }
  return found;
}

const report = Object.fromEntries(jobs.map((job) => [job.name, []]));
for (const group of groups.values()) {
  for (const [file, diagnostic] of compile(group)) {
    const job = jobOf.get(file);
    const text = `TS${diagnostic.code} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")}`;
    if (!job) throw new Error(`the harness itself does not compile: ${file ?? ""} ${text}`);
    const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
    report[job.name].push(`${path.relative(job.root, file)}:${line + 1}:${character + 1} ${text}`);
  }
}
process.stdout.write(JSON.stringify(report));
