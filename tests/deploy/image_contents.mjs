// Reads the root file system of an image, whether it was just made or is mounted.
//
//   rootViolations('/tmp/image');  // e.g. ['usr/bin/bash is a program']

import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  readlinkSync,
} from 'node:fs';
import { join, normalize } from 'node:path';

const SIZE_MAX = 120e6;
const USER = 10001;
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';
const SHARE = 'usr/local/share/owo-billing';
// What may be executed: the server, the loader that starts it, and Debian's libc, which prints its
// version.
const PROGRAMS = [
  `${LIBRARIES}/ld-linux-x86-64.so.2`,
  `${LIBRARIES}/libc.so.6`,
  'usr/local/bin/owo-billing-server',
];

// Yields [path, stat] for everything below a directory.
function* entries(root, path = '') {
  for (const name of readdirSync(join(root, path)).sort()) {
    const entry = join(path, name);
    const stat = lstatSync(join(root, entry));
    yield [entry, stat];
    if (stat.isDirectory()) yield* entries(root, entry);
  }
}

function isScript(path) {
  const file = openSync(path);
  const start = Buffer.alloc(2);
  readSync(file, start, 0, 2, 0);
  closeSync(file);
  return start.toString() === '#!';
}

function* fileViolations(root) {
  let size = 0;
  const inodes = new Set();
  for (const [path, stat] of entries(root)) {
    if (stat.isFile() && !inodes.has(stat.ino)) {
      inodes.add(stat.ino);
      size += stat.size;
    }
    if (stat.mode & 0o6000) yield `${path} is set-uid or set-gid`;
    if (stat.isFile() && stat.mode & 0o111 && !PROGRAMS.includes(path))
      yield `${path} is a program`;
    if (stat.isFile() && isScript(join(root, path))) yield `${path} is a script`;
    if (!stat.isFile() && !stat.isDirectory() && !stat.isSymbolicLink())
      yield `${path} is a device`;
    if (path === 'tmp') continue;
    if (!stat.isSymbolicLink() && stat.mode & 0o002) yield `${path} may be written to by everybody`;
    const owner = path === 'data' ? USER : 0;
    if (stat.uid !== owner || stat.gid !== owner)
      yield `${path} belongs to ${stat.uid}:${stat.gid}`;
  }
  if (size > SIZE_MAX) yield `it has ${size} bytes, want at most ${SIZE_MAX}`;
}

// Every link leads to something in the image.
function* linkViolations(root) {
  for (const [path, stat] of entries(root)) {
    if (!stat.isSymbolicLink()) continue;
    const target = readlinkSync(join(root, path));
    const inside = target.startsWith('/') ? target : normalize(join('/', path, '..', target));
    try {
      lstatSync(join(root, inside));
    } catch {
      yield `${path} leads nowhere: ${target}`;
    }
  }
}

export const readSbom = (root) =>
  JSON.parse(readFileSync(join(root, SHARE, 'sbom.spdx.json'), 'utf8'));

// The entries of dpkg's database in the image: { Package: 'libc6', Version: …, … }, …
export function readPackages(root) {
  const directory = join(root, 'var/lib/dpkg/status.d');
  return readdirSync(directory)
    .filter((name) => !name.endsWith('.md5sums'))
    .map((name) =>
      Object.fromEntries(
        [...readFileSync(join(directory, name), 'utf8').matchAll(/^([A-Z][\w-]*): (.*)$/gm)].map(
          (field) => field.slice(1),
        ),
      ),
    );
}

// Every library belongs to a package, and the bill of materials names the same packages as dpkg does.
function* originViolations(root) {
  const packages = readPackages(root);
  const named = readSbom(root).packages.map(({ name, versionInfo }) => `${name} ${versionInfo}`);
  for (const { Package, Version } of packages) {
    if (!named.includes(`${Package} ${Version}`))
      yield `${Package} is not in the bill of materials`;
    try {
      lstatSync(join(root, 'usr/share/doc', Package, 'copyright'));
    } catch {
      yield `${Package} has no licence`;
    }
  }
  if (named.length !== packages.length + 1) yield 'the bill of materials names more than there is';

  const known = new Set(
    packages.flatMap(({ Package }) =>
      readFileSync(join(root, 'var/lib/dpkg/status.d', `${Package}.md5sums`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.slice(34).replace(/^lib/, 'usr/lib')),
    ),
  );
  for (const [path, stat] of entries(root, 'usr/lib')) {
    if (stat.isFile() && !known.has(path)) yield `${path} is of no package`;
  }
}

export function rootViolations(root) {
  return [...fileViolations(root), ...linkViolations(root), ...originViolations(root)];
}
