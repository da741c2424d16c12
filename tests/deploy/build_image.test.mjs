// Tests deploy/build-image on simulated machines where different builders work. Small programs
// replace the builders, on a PATH with nothing else but the tools that the script itself needs.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../deploy/build-image', import.meta.url));

const WORKING = 'echo "$(basename "$0") $*"';
const CLIENT_WITHOUT_ENGINE = 'if [ "$1" = info ]; then exit 1; fi; echo "must not be called"';
const FAILING_BUILD = 'if [ "$1" = build ]; then exit 9; fi';

// Runs the script with `programs` (name to shell code) installed.
function buildImage(programs, ...args) {
  const bin = mkdtempSync(join(tmpdir(), 'build-image-'));
  try {
    for (const tool of ['bash', 'basename', 'cat', 'date', 'dirname', 'sed', 'sh']) {
      const path = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
      symlinkSync(path, join(bin, tool));
    }
    for (const [name, code] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${code}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return spawnSync(script, args, { encoding: 'utf8', env: { PATH: bin } });
  } finally {
    rmSync(bin, { recursive: true });
  }
}

test('docker is taken where its engine answers', () => {
  const { status, stdout } = buildImage({ docker: WORKING, buildah: WORKING }, '--tag', 'a:b');
  assert.equal(status, 0);
  assert.match(stdout, /^docker build --file deploy\/Dockerfile (--build-arg \S+ )+--tag a:b \.\n$/);
});

test('the image is told its version, and the commit and its time', () => {
  const git = (modified) => `case $1 in
    rev-parse) echo 1234abcd ;;
    log) echo 86400 ;;
    status) ${modified ? 'echo " M dev"' : ':'} ;;
  esac`;
  const argumentsOf = (programs) => Object.fromEntries(
    [...buildImage({ docker: WORKING, ...programs }).stdout.matchAll(/--build-arg (\w+)=(\S+)/g)]
      .map((match) => match.slice(1)));
  const told = { CREATED: '1970-01-02T00:00:00Z', REVISION: '1234abcd', SOURCE_DATE_EPOCH: '86400' };
  const clean = argumentsOf({ git: git(false) });
  assert.match(clean.VERSION, /^\d+\.\d+\.\d+$/);
  assert.deepEqual(clean, { ...told, VERSION: clean.VERSION });
  assert.equal(argumentsOf({ git: git(true) }).REVISION, '1234abcd-modified');
  assert.equal(argumentsOf({}).REVISION, 'unknown');
});

test('a docker client without an engine is passed over', () => {
  const programs = { docker: CLIENT_WITHOUT_ENGINE, podman: WORKING };
  const { status, stdout } = buildImage(programs);
  assert.equal(status, 0);
  assert.match(stdout, /^podman build .*--tag owo-billing:dev \.\n$/);
});

test('podman and buildah keep the health check, which only the format of docker has', () => {
  for (const name of ['podman', 'buildah']) {
    const { status, stdout } = buildImage({ [name]: WORKING });
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^${name} build --format docker `));
  }
});

test('where no builder works it is said which to install', () => {
  for (const programs of [{}, { docker: CLIENT_WITHOUT_ENGINE }]) {
    const { status, stderr, stdout } = buildImage(programs);
    assert.equal(status, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /apt-get install buildah/);
  }
});

test('a build that fails is not tried with another builder', () => {
  const { status, stdout } = buildImage({ docker: FAILING_BUILD, podman: WORKING });
  assert.equal(status, 9);
  assert.equal(stdout, '');
});

test('a local base names the tool that is missing', () => {
  const { status, stderr } = buildImage({ buildah: WORKING }, '--local-base');
  assert.equal(status, 3);
  assert.match(stderr, /apt-get install mmdebstrap/);
});

test('an unknown or unfinished argument is refused', () => {
  for (const args of [['--push'], ['--tag'], ['owo-billing:dev']]) {
    const { status, stdout } = buildImage({ docker: WORKING }, ...args);
    assert.equal(status, 64, args.join(' '));
    assert.equal(stdout, '');
  }
});
