// Checks Kubernetes documents against the types of the Kubernetes API, without a cluster.
// TypeScript reports fields that do not exist, have another type, or are missing from an object
// literal.
//
//   typeErrors(documents);  // e.g. ['StatefulSet/owo-billing: ... 'readOnlyRootFileSystem' ...']
//   typeErrorsOf(documents);  // the same for each document, as a list of lists

import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const directory = fileURLToPath(new URL('.', import.meta.url));

const options = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2022,
  types: [],
};

// The types of `networking.k8s.io/v1` are in kubernetes-types/networking/v1, those of `v1` in
// core/v1, and those of the Prometheus operator in a package of their own.
function typesImport({ apiVersion, kind }) {
  const [version, group = 'core'] = apiVersion.split('/').reverse();
  if (group === 'monitoring.coreos.com') {
    const module = `@kubernetes-models/prometheus-operator/${apiVersion}/${kind}`;
    return `import type { I${kind} as Kind } from '${module}';`;
  }
  const module = `${group.replace(/\.k8s\.io$/, '').replace(/\..*$/, '')}/${version}`;
  return `import type { ${kind} as Kind } from 'kubernetes-types/${module}.js';`;
}

// apiVersion and kind are optional in the types, because objects within others have none.
function source(document) {
  return [
    typesImport(document),
    `type Document = Kind & Required<Pick<Kind, 'apiVersion' | 'kind'>>;`,
    `export const document: Document = ${JSON.stringify(document, null, 1)};`,
  ].join('\n');
}

// A compiler host that finds `sources` in addition to the files on disk.
function hostOf(sources) {
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.getSourceFile = (name, languageVersion, ...rest) =>
    sources.has(name)
      ? ts.createSourceFile(name, sources.get(name), languageVersion)
      : getSourceFile(name, languageVersion, ...rest);
  return host;
}

// A compiler takes a second to start, so that many documents are better checked in one call.
export function typeErrorsOf(documents) {
  const names = documents.map((_, i) => `${directory}document${i}.ts`);
  const sources = new Map(documents.map((document, i) => [names[i], source(document)]));
  const program = ts.createProgram(names, options, hostOf(sources));
  const errors = documents.map(() => []);
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    const i = names.indexOf(file?.fileName);
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (i < 0) throw new Error(`the compiler: ${message}`);
    errors[i].push(`${documents[i].kind}/${documents[i].metadata?.name}: ${message}`);
  }
  return errors;
}

export function typeErrors(documents) {
  return typeErrorsOf(documents).flat();
}
