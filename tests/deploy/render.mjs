// Renders an overlay of deploy/kubernetes, as `kubectl apply -k` would send it.
//
//   const documents = render('production');
//   one(documents, 'StatefulSet').spec.replicas;

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const kubernetes = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url));

export const overlays = readdirSync(`${kubernetes}overlays`);

export function render(overlay) {
  const kubectl = process.env.KUBECTL;
  if (!kubectl) throw new Error('KUBECTL names no kubectl: start these tests by tests/deploy/run');
  const yaml = execFileSync(kubectl, ['kustomize', `${kubernetes}overlays/${overlay}`], {
    encoding: 'utf8',
  });
  return parseAllDocuments(yaml).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

// Returns the only document of a kind, or of a kind and a name.
export function one(documents, kind, name) {
  const found = documents.filter(
    (document) => document.kind === kind && (name === undefined || document.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`want one ${kind} ${name ?? ''}, got ${found.length}`);
  return found[0];
}
