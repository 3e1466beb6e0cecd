// What names of modules denote, as the TypeScript compiler sees it.
//
// Standard input, JSON: [{ "root": folder, "ask": path of a module in it }, …]: that module imports names, each under a local one.
// Standard output, JSON: [{ "<local name>": "<name of the function that it denotes, "" if none>" }, …], in the same order; null where
// the modules behind it do not compile: two that export the same name to a third, a circle of aliases.

import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const OPTIONS = {
  allowJs: true,
  checkJs: false,
  noEmit: true,
  noLib: true,
  types: [],
  esModuleInterop: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
};

function targets({ root, ask }) {
  const file = path.join(root, ask);
  const program = ts.createProgram({ rootNames: [file], options: { ...OPTIONS, paths: { "@/*": ["./src/*"] }, pathsBasePath: root } });
  const behind = program.getSourceFiles().filter((source) => source.fileName !== file);
  if (behind.some((source) => program.getSemanticDiagnostics(source).length)) return null;
  const checker = program.getTypeChecker();
  const found = {};
  for (const statement of program.getSourceFile(file).statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const { name, namedBindings } = statement.importClause;
    for (const local of [name, ...(namedBindings?.elements ?? []).map((element) => element.name)]) {
      if (!local) continue;
      const declaration = checker.getTypeAtLocation(local).getCallSignatures()[0]?.declaration;
      found[local.text] = declaration?.name?.text ?? "";
    }
  }
  return found;
}

process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map(targets)));
