import { strFromU8, unzipSync, zipSync } from 'fflate';
import { createErpSimulator, type ErpSimulator } from './erp-simulator.ts';
import { simulatedLedger } from './ledger.ts';

const financials = '/oracle/apps/ess/financials';
export const loaderPackage = `${financials}/commonModules/shared/common/interfaceLoader`;
export const ledgerPackage = `${financials}/generalLedger/programs/common`;

const stepMs = 1_000;
export const login = { authorization: `Basic ${Buffer.from('fin:demo').toString('base64')}` };

/** Fields that make the credit to the debit of `interfaceRow`. */
export const credit = { 39: '', 40: '10.00' };

/** A row of the journal file, by hand, with the fields at `changes` replaced. */
export function interfaceRow(changes: Record<number, string> = {}, length = 149): string {
  const fields = new Array<string>(length).fill('');
  const values = {
    1: 'NEW',
    2: simulatedLedger.ledgerId,
    3: '2026/11/03',
    4: 'Spreadsheet',
    5: 'Budget Transfer',
    6: 'USD',
    7: '2026/11/21',
    8: 'A',
    9: '101',
    10: '3100',
    11: '61300',
    39: '10.00',
    43: 'Budget transfers',
    46: 'BT-1',
    67: '7001',
    ...changes,
  };
  for (const [position, value] of Object.entries(values)) fields[Number(position) - 1] = value;
  return fields.join(',');
}

interface Details {
  REQUESTID: string;
  STATUS: string;
  CHILD?: Details;
}

/** A simulator under test, spoken to in plain HTTP without the client, and its time. */
export class SimulatorSession {
  readonly simulator: ErpSimulator;
  readonly resource: string;
  readonly pass: (steps: number) => void;

  private constructor(simulator: ErpSimulator, resource: string, pass: (steps: number) => void) {
    this.simulator = simulator;
    this.resource = resource;
    this.pass = pass;
  }

  static async open(): Promise<SimulatorSession> {
    let time = 0;
    const options = { username: 'fin', password: 'demo', stepSeconds: stepMs / 1_000, now: () => time };
    const simulator = createErpSimulator(options);
    const url = await simulator.listen();
    const resource = `${url}/fscmRestApi/resources/11.13.18.05/erpintegrations`;
    return new SimulatorSession(simulator, resource, (steps) => {
      time += steps * stepMs;
    });
  }

  async post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(this.resource, {
      method: 'POST',
      headers: { ...login, 'content-type': 'application/json', ...headers },
      body: text,
    });
  }

  async find(finder: string): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.resource}?finder=${finder}&onlyData=true`, { headers: login });
    if (response.status !== 200) throw new Error(`the finder answered ${response.status}`);
    const { items } = (await response.json()) as { items: Record<string, unknown>[] };
    return items[0] ?? {};
  }

  async upload(files: Record<string, string> | Uint8Array): Promise<string> {
    const zip =
      files instanceof Uint8Array
        ? files
        : zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
    const response = await this.post({
      OperationName: 'uploadFileToUCM',
      DocumentContent: Buffer.from(zip).toString('base64'),
      DocumentAccount: simulatedLedger.documentAccount,
      ContentType: 'zip',
      FileName: 'GlInterface.zip',
      DocumentId: null,
    });
    return ((await response.json()) as { DocumentId: string }).DocumentId;
  }

  async submit(JobPackageName: string, JobDefName: string, ...args: string[]): Promise<string> {
    const response = await this.post({
      OperationName: 'submitESSJobRequest',
      JobPackageName,
      JobDefName,
      ESSParameters: args.join(','),
      ReqstId: null,
    });
    if (response.status !== 201) throw new Error(`the submission answered ${response.status}`);
    return ((await response.json()) as { ReqstId: string }).ReqstId;
  }

  async statusOf(requestId: string): Promise<unknown> {
    return (await this.find(`ESSJobStatusRF;requestId=${requestId}`)).RequestStatus;
  }

  async detailsOf(requestId: string): Promise<Details> {
    const { RequestStatus } = await this.find(`ESSExecutionDetailsRF;requestId=${requestId}`);
    return JSON.parse(String(RequestStatus)).JOBS;
  }

  async filesOf(requestId: string, fileType: string): Promise<Record<string, string>> {
    const { DocumentContent } = await this.find(`ESSJobExecutionDetailsRF;requestId=${requestId},fileType=${fileType}`);
    if (DocumentContent === null) return {};
    const files = unzipSync(Buffer.from(String(DocumentContent), 'base64'));
    return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
  }

  /** Uploads rows and runs the interface loader over them. */
  async load(...rows: string[]): Promise<{ status: unknown; log: string }> {
    const documentId = await this.upload({ 'GlInterface.csv': rows.join('\n') });
    const requestId = await this.submit(
      loaderPackage,
      'InterfaceLoaderController',
      '15',
      documentId,
      'N',
      'N',
      'GlInterface.zip',
    );
    this.pass(1);
    return {
      status: await this.statusOf(requestId),
      log: Object.values(await this.filesOf(requestId, 'LOG')).join('\n'),
    };
  }

  submitImport(group = '7001', source = 'Spreadsheet'): Promise<string> {
    const { dataAccessSetId, ledgerId } = simulatedLedger;
    return this.submit(ledgerPackage, 'JournalImportLauncher', dataAccessSetId, source, ledgerId, group, 'N', 'N', 'N');
  }

  async importGroup(group?: string, source?: string): Promise<{ parent: string; child: string; report: string }> {
    const requestId = await this.submitImport(group, source);
    this.pass(1);
    const { STATUS, CHILD } = await this.detailsOf(requestId);
    const files = await this.filesOf(CHILD?.REQUESTID ?? '', 'OUT');
    return { parent: STATUS, child: CHILD?.STATUS ?? '', report: Object.values(files).join('\n') };
  }

  async autoPost(): Promise<unknown> {
    const requestId = await this.submit(ledgerPackage, 'AutomaticPosting', simulatedLedger.autoPostCriteriaSetId);
    this.pass(1);
    return this.statusOf(requestId);
  }
}
