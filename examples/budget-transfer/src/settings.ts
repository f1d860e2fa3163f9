import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { DemoOptions, RemoteErp } from './demo.ts';
import type { LedgerSetup } from './erp/ledger-setup.ts';
import { simulatedLedger } from './simulator/ledger.ts';

export const usage = `Usage: npm start -- [options]
  --port 8000            port of the application; 0 takes a free one. Default: 8000, or the next that is free
  --no-open              opens no browser
  --step-seconds 3       how long each job takes in the ERP simulator
  --report-minutes 10    how long a report can be downloaded, before its notification says that it has expired
  --erp-url URL          a real Oracle Fusion host in place of the simulator     (ERP_URL)
  --erp-user NAME        its user                                                (ERP_USER)
  --erp-password WORD    and password: rather set it in the environment          (ERP_PASSWORD)
  --erp-ledger FILE      JSON with the ids of its ledger; see README.md          (ERP_LEDGER)`;

export interface Settings extends Omit<DemoOptions, 'folder'> {
  /** False if no browser is to be opened. */
  readonly open: boolean;
}

/** Reads the command line, and the environment where that says nothing. Throws what a person can act on. */
export function readSettings(args: string[], environment: NodeJS.ProcessEnv): Settings {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      'step-seconds': { type: 'string', default: '3' },
      'report-minutes': { type: 'string', default: '10' },
      'erp-url': { type: 'string', default: environment.ERP_URL },
      'erp-user': { type: 'string', default: environment.ERP_USER },
      'erp-password': { type: 'string', default: environment.ERP_PASSWORD },
      'erp-ledger': { type: 'string', default: environment.ERP_LEDGER },
    },
  });
  const port = readNumber('--port', values.port ?? '8000', 65_535);
  const stepSeconds = readNumber('--step-seconds', values['step-seconds'], 600);
  return {
    listen: { port, next: values.port === undefined },
    open: !values['no-open'],
    stepSeconds,
    reportSeconds: readNumber('--report-minutes', values['report-minutes'], 10_080) * 60,
    erp: readErp(values['erp-url'], values['erp-user'], values['erp-password'], values['erp-ledger']),
  };
}

function readNumber(flag: string, text: string, largest: number): number {
  const value = Number(text);
  const isRight =
    text.trim() !== '' && value >= 0 && value <= largest && (flag !== '--port' || Number.isInteger(value));
  if (isRight) return value;
  throw new Error(`Expected ${flag} as a number from 0 to ${largest}, got "${text}".`);
}

function readErp(url = '', username = '', password = '', ledger = ''): RemoteErp | null {
  if (url === '') return null;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new Error(`Expected --erp-url as https://HOST, got "${url}".`);
  }
  if (username === '' || password === '') {
    throw new Error('Expected a user and password for the ERP: set ERP_USER and ERP_PASSWORD.');
  }
  return { connection: { baseUrl: url, username, password }, ledger: ledger ? readLedger(ledger) : simulatedLedger };
}

function readLedger(file: string): LedgerSetup {
  const wanted = Object.keys(simulatedLedger);
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`Cannot read the ledger's ids from ${file}: ${error instanceof Error ? error.message : error}.`);
  }
  const isText = (name: string) => typeof (found as Record<string, unknown> | null)?.[name] === 'string';
  const missing = wanted.filter((name) => !isText(name));
  if (missing.length === 0) return found as LedgerSetup;
  throw new Error(`Expected ${file} to hold ${wanted.join(', ')}, each as text; ${missing.join(', ')} is missing.`);
}
