import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { environmentFor } from '../../../scripts/debian-packages.js';
import { requireProgram } from '../../../scripts/system-programs.js';

/**
 * Makes a certificate of localhost, which this process trusts from then on.
 * @returns the file with it and its key, and a function that ends the trust
 */
export function trustedCertificate(folder: string): { file: string; certificate: string; distrust(): void } {
  const [file, key, config] = ['all.pem', 'key.pem', 'openssl.cnf'].map((name) => join(folder, name)) as [
    ...[string, string, string],
  ];
  writeFileSync(config, '[req]\ndistinguished_name = name\n[name]\n');
  const program = requireProgram('openssl');
  const { status, stderr } = spawnSync(
    program,
    [
      ...['req', '-x509', '-config', config, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', file, '-days', '2'],
    ],
    { env: environmentFor(program), encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`no certificate could be made: ${stderr}`);
  const certificate = readFileSync(file, 'utf8');
  writeFileSync(file, certificate + readFileSync(key, 'utf8'));
  const trusted = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...trusted, certificate]);
  return { file, certificate, distrust: () => tls.setDefaultCACertificates(trusted) };
}
