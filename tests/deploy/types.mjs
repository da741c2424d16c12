// Checks Kubernetes documents against the types of the Kubernetes API, without a cluster.
// TypeScript reports fields that do not exist, have another type, or are missing from an object
// literal.
//
//   typeErrors(documents);  // e.g. ['StatefulSet/owo-billing: ... 'readOnlyRootFileSystem' ...']

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
// core/v1.
function typesModule(apiVersion) {
  const [version, group = 'core'] = apiVersion.split('/').reverse();
  return `kubernetes-types/${group.replace(/\.k8s\.io$/, '').replace(/\..*$/, '')}/${version}.js`;
}

// apiVersion and kind are optional in the types, because objects within others have none.
function source(document) {
  return [
    `import type { ${document.kind} } from '${typesModule(document.apiVersion)}';`,
    `type Document = ${document.kind} & Required<Pick<${document.kind}, 'apiVersion' | 'kind'>>;`,
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

export function typeErrors(documents) {
  const names = documents.map((_, i) => `${directory}document${i}.ts`);
  const sources = new Map(documents.map((document, i) => [names[i], source(document)]));
  const program = ts.createProgram(names, options, hostOf(sources));
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const document = documents[names.indexOf(file?.fileName)];
    const where = document ? `${document.kind}/${document.metadata?.name}` : 'compiler';
    return `${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
