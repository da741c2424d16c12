// Tests the root file system of the image: as deploy/image-root makes it from this machine's packages
// and the server that TEST_SERVER names, and if TEST_IMAGE names an image, also as buildah built it.
//
//   TEST_SERVER=build/dev/service/owo-billing-server TEST_IMAGE=owo-billing:dev tests/deploy/run

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPackages, readSbom, rootViolations } from './image_contents.mjs';
import { overlays, render, one } from './render.mjs';
import { podSpec } from './restricted.mjs';

const { TEST_IMAGE: image, TEST_SERVER: server } = process.env;
const imageRoot = fileURLToPath(new URL('../../deploy/image-root', import.meta.url));
const USER = '10001:10001';
const PROGRAM = '/usr/local/bin/owo-billing-server';
// Files of the image belong to root and to the server's user.
const skip = !server ? 'TEST_SERVER names no server' : process.getuid() !== 0 ? 'needs root' : false;
const skipImage = image ? false : 'TEST_IMAGE names no image';

const directory = mkdtempSync(join(tmpdir(), 'image-'));
const root = join(directory, 'root');

before(() => {
  if (skip) return;
  const prefix = join(directory, 'prefix');
  mkdirSync(join(prefix, 'share/owo-billing'), { recursive: true });
  mkdirSync(join(prefix, 'bin'));
  execFileSync('strip', ['-o', join(prefix, 'bin/owo-billing-server'), server]);
  execFileSync(imageRoot, [prefix, root, '1.2.3'], {
    env: { ...process.env, SOURCE_DATE_EPOCH: '0' },
  });
});

after(() => rmSync(directory, { recursive: true, force: true }));

const inRoot = (...command) => ['chroot', [`--userspec=${USER}`, root, PROGRAM, ...command]];

test(
  'the image has no shell, no set-uid file, nothing of no package, and is small',
  { skip },
  () => {
    assert.deepEqual(rootViolations(root), []);
  },
);

test('the server serves from it as its user, and writes to /data alone', { skip }, async () => {
  const [program, args] = inRoot('--listen=127.0.0.1:0', '--data_dir=/data');
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  try {
    const { value: line } = await createInterface({ input: child.stdout })
      [Symbol.asyncIterator]()
      .next();
    const endpoint = /listening on (\S+)$/.exec(line)[1];
    const health = spawnSync(...inRoot('health', `--endpoint=${endpoint}`), { encoding: 'utf8' });
    assert.equal(health.status, 0, health.stderr);
  } finally {
    child.kill('SIGTERM');
  }
  assert.deepEqual(await exit, [0, null]);
  const verify = spawnSync(...inRoot('verify', '--data_dir=/data'), { encoding: 'utf8' });
  assert.equal(verify.status, 0, verify.stderr);
  rmSync(join(root, 'data'), { recursive: true });
  mkdirSync(join(root, 'data'), { mode: 0o700 });
  chownSync(join(root, 'data'), 10001, 10001);
  assert.deepEqual(rootViolations(root), []);
});

test('the flags of each overlay are flags of the server', { skip }, () => {
  const help = execFileSync(server, ['--help'], { encoding: 'utf8' });
  for (const overlay of overlays) {
    const pod = podSpec(one(render(`overlays/${overlay}`).workload, 'StatefulSet'));
    for (const argument of pod.containers[0].args) {
      assert.match(help, new RegExp(`^ *${argument.split('=')[0]}\\b`, 'm'), overlay);
    }
  }
});

test('the bill of materials is SPDX 2.3, and says where each package comes from', { skip }, () => {
  const sbom = readSbom(root);
  assert.equal(sbom.spdxVersion, 'SPDX-2.3');
  assert.equal(sbom.dataLicense, 'CC0-1.0');
  assert.equal(sbom.creationInfo.created, '1970-01-01T00:00:00Z');
  assert.match(sbom.documentNamespace, /^urn:owo-billing:sbom:[0-9a-f]{32}$/);

  const [own, ...packages] = sbom.packages;
  assert.deepEqual(
    [own.name, own.versionInfo, own.licenseDeclared],
    ['owo-billing-server', '1.2.3', 'Apache-2.0'],
  );
  assert.deepEqual(
    packages.map(({ name }) => name).sort(),
    readPackages(root)
      .map(({ Package }) => Package)
      .sort(),
  );
  for (const expected of ['libc6', 'libgrpc++1.51', 'librocksdb7.8', 'libssl3', 'tzdata']) {
    assert.ok(
      packages.some(({ name }) => name === expected),
      expected,
    );
  }
  const grpc = packages.find(({ name }) => name === 'libgrpc++1.51');
  const installed = readPackages(root).find(({ Package }) => Package === grpc.name);
  assert.equal(grpc.versionInfo, installed.Version);
  assert.equal(
    grpc.externalRefs[0].referenceLocator,
    `pkg:deb/debian/libgrpc%2B%2B1.51@${installed.Version.replaceAll('+', '%2B')}?arch=amd64&distro=debian-12`,
  );

  const ids = sbom.packages.map(({ SPDXID }) => SPDXID);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
  const related = sbom.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement);
  assert.deepEqual([...related].sort(), [...ids].sort());
});

// Each row is the expected message, and what is done to a copy of the root, whose files are links to
// those of the root.
const MISTAKES = [
  [
    /bin\/su is set-uid/,
    (at) => {
      writeFileSync(at('usr/bin/su'), '');
      chmodSync(at('usr/bin/su'), 0o4755);
    },
  ],
  [
    /bin\/chage is set-uid or set-gid/,
    (at) => {
      writeFileSync(at('usr/bin/chage'), '');
      chmodSync(at('usr/bin/chage'), 0o2755);
    },
  ],
  [/bin\/bash is a program/, (at) => cpSync('/bin/bash', at('usr/bin/bash'))],
  [/bin\/apt is a program/, (at) => writeFileSync(at('usr/bin/apt'), '', { mode: 0o755 })],
  [/bin\/start is a script/, (at) => writeFileSync(at('usr/bin/start'), '#!/bin/sh\n')],
  [
    /bin\/open may be written to/,
    (at) => {
      writeFileSync(at('usr/bin/open'), '');
      chmodSync(at('usr/bin/open'), 0o666);
    },
  ],
  [
    /bin\/mine belongs to 10001:10001/,
    (at) => {
      writeFileSync(at('usr/bin/mine'), '');
      chownSync(at('usr/bin/mine'), 10001, 10001);
    },
  ],
  [/data belongs to 0:0/, (at) => chownSync(at('data'), 0, 0)],
  [/bin\/sh leads nowhere/, (at) => symlinkSync('bash', at('usr/bin/sh'))],
  [
    /want at most 120000000/,
    (at) => {
      writeFileSync(at('usr/bin/big'), '');
      truncateSync(at('usr/bin/big'), 120e6);
    },
  ],
  [/usr\/lib\/libevil.so is of no package/, (at) => writeFileSync(at('usr/lib/libevil.so'), '')],
  [
    /libssl3 is not in the bill/,
    (at) => {
      const path = at('usr/local/share/owo-billing/sbom.spdx.json');
      const sbom = readSbom(at(''));
      rmSync(path);
      writeFileSync(
        path,
        JSON.stringify({
          ...sbom,
          packages: sbom.packages.filter(({ name }) => name !== 'libssl3'),
        }),
      );
    },
  ],
  [/libssl3 has no licence/, (at) => rmSync(at('usr/share/doc/libssl3'), { recursive: true })],
];

for (const [message, mistake] of MISTAKES) {
  test(`a root is refused: ${message.source}`, { skip }, () => {
    const copy = join(directory, 'copy');
    execFileSync('cp', ['-al', root, copy]);
    try {
      mkdirSync(join(copy, 'usr/bin'));
      mistake((path) => join(copy, path));
      assert.match(rootViolations(copy).join('\n'), message);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
}

test('a server whose libraries are of no package makes no image', { skip }, () => {
  const prefix = join(directory, 'other');
  mkdirSync(join(prefix, 'bin'), { recursive: true });
  writeFileSync(join(prefix, 'bin/owo-billing-server'), 'no program');
  const { status, stderr } = spawnSync(imageRoot, [prefix, join(directory, 'none'), '1'], {
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /ldd cannot read/);
});

test(
  'the built image is that root, with labels, a user and a health check',
  { skip: skipImage },
  () => {
    const buildah = (...args) => execFileSync('buildah', args, { encoding: 'utf8' }).trim();
    const { config } = JSON.parse(buildah('inspect', '--type', 'image', image)).Docker;
    assert.equal(config.User, USER);
  assert.deepEqual(config.Env, ['PATH=/usr/local/bin']);
    assert.deepEqual(config.Entrypoint, [PROGRAM]);
    assert.equal(config.Healthcheck.Test[1], PROGRAM);
    assert.equal(config.Labels['org.opencontainers.image.licenses'], 'Apache-2.0');
    assert.match(
      config.Labels['org.opencontainers.image.revision'],
      /^[0-9a-f]{40}(-modified)?$|^unknown$/,
    );
    const container = buildah('from', '--pull-never', image);
    try {
      const mounted = buildah('mount', container);
      assert.deepEqual(rootViolations(mounted), []);
      assert.equal(
        readSbom(mounted).packages[0].versionInfo,
        config.Labels['org.opencontainers.image.version'],
      );
    } finally {
      buildah('rm', container);
    }
  },
);
