// Renders directories of deploy/kubernetes, as `kubectl apply -k` would send them.
//
//   const { durable, workload } = render('overlays/production');
//   one(workload, 'StatefulSet').spec.replicas;
//   renderWith('overlays/production', ['admin', 'tls']);  // with components switched on

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const kubernetes = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url));

export const overlays = readdirSync(`${kubernetes}overlays`);
export const components = readdirSync(`${kubernetes}components`);

// Components that change what is durable; all others change the workload.
const DURABLE_COMPONENTS = ['backup-claim'];

function kustomize(directory) {
  const kubectl = process.env.KUBECTL;
  if (!kubectl) throw new Error('KUBECTL names no kubectl: start these tests by tests/deploy/run');
  const yaml = execFileSync(kubectl, ['kustomize', directory], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return parseAllDocuments(yaml).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

// Returns the job that compares a ledger with its journal.
export const renderVerify = () => kustomize(join(kubernetes, 'verify'));

// Returns what a directory deploys, and what is applied before it because it has to outlive it.
export function render(directory) {
  return {
    durable: kustomize(join(kubernetes, directory, 'durable')),
    workload: kustomize(join(kubernetes, directory)),
  };
}

// The overlay that an operator writes on top of another one to switch components on.
function overlayOf(directory, resource, names, labels) {
  const from = (path) => relative(realpathSync(directory), join(kubernetes, path));
  const selectors = labels.includeSelectors ? ', includeSelectors: true' : '';
  writeFileSync(
    join(directory, 'kustomization.yaml'),
    [
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      'kind: Kustomization',
      `namespace: ${labels.namespace}`,
      `resources: ['${from(resource)}']`,
      `components: [${names.map((name) => `'${from(`components/${name}`)}'`)}]`,
      `labels: [{ pairs: { app.kubernetes.io/instance: owo-billing }${selectors} }]`,
    ].join('\n'),
  );
}

export function renderWith(overlay, names) {
  const namespace = one(render(overlay).durable, 'Namespace').metadata.name;
  const directory = mkdtempSync(join(tmpdir(), 'kustomize-'));
  const durable = join(directory, 'durable');
  const isDurable = (name) => DURABLE_COMPONENTS.includes(name);
  try {
    mkdirSync(durable);
    overlayOf(
      directory,
      overlay,
      names.filter((name) => !isDurable(name)),
      { includeSelectors: true, namespace },
    );
    overlayOf(durable, `${overlay}/durable`, names.filter(isDurable), { namespace });
    return { durable: kustomize(durable), workload: kustomize(directory) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

// Returns the documents of a kind, or of a kind and a name.
export function all(documents, kind, name) {
  return documents.filter(
    (document) => document.kind === kind && (name === undefined || document.metadata.name === name),
  );
}

// Returns the only document of a kind, or of a kind and a name.
export function one(documents, kind, name) {
  const found = all(documents, kind, name);
  if (found.length !== 1) throw new Error(`want one ${kind} ${name ?? ''}, got ${found.length}`);
  return found[0];
}
