import { parse } from 'csv-parse/sync';
import { autoPostJob } from './auto-post.ts';
import type { Faults } from './faults.ts';
import type { GeneralLedger } from './general-ledger.ts';
import { HttpFailure } from './http-failure.ts';
import { interfaceLoaderJob } from './interface-loader.ts';
import type { JobQueue, Schedule, SimulatedJob } from './job-queue.ts';
import { journalImportJob } from './journal-import.ts';
import { type Attribute, type Resource, unknownAttribute } from './resource.ts';

export interface OperationContext {
  readonly ledger: GeneralLedger;
  readonly queue: JobQueue;
  readonly faults: Faults;
  /** Time a job takes, in milliseconds. */
  readonly durationMs: number;
}

const firstDocumentId = 7_787;
const refused = '-1';
const jobDefinitions = [interfaceLoaderJob, journalImportJob, autoPostJob];

/** Runs a posted operation and returns what it adds to the echo of the request. */
export function runOperation(context: OperationContext, body: object): Resource {
  const unknown = unknownAttribute(body);
  if (unknown !== undefined) throw new HttpFailure(400, `Invalid attribute ${unknown}.`);
  const request: Resource = body;
  switch (request.OperationName) {
    case 'uploadFileToUCM':
      return uploadFile(context, request);
    case 'submitESSJobRequest':
      return { ReqstId: submitJob(context, request) };
    default:
      throw new HttpFailure(400, `The operation ${JSON.stringify(request.OperationName ?? null)} is not supported.`);
  }
}

function uploadFile({ ledger, faults }: OperationContext, request: Resource): Resource {
  if (faults.fail.uploadToUcm === 'error') throw new HttpFailure(500, 'The content server did not answer.');
  for (const attribute of ['DocumentContent', 'DocumentAccount', 'FileName', 'ContentType'] as const) {
    textOf(request, attribute);
  }
  const content = Buffer.from(textOf(request, 'DocumentContent'), 'base64');
  if (content.length === 0) throw new HttpFailure(400, 'DocumentContent is not base64.');
  if (faults.fail.uploadToUcm === 'refuse') return { DocumentId: null };
  const documentId = String(firstDocumentId + ledger.documents.size);
  ledger.documents.set(documentId, content);
  return { DocumentId: documentId };
}

/** The id of the new request, or "-1" for a job that cannot be submitted, which is no HTTP error. */
function submitJob(context: OperationContext, request: Resource): string {
  const { ledger, queue, faults, durationMs } = context;
  const name = textOf(request, 'JobDefName');
  const path = `/${textOf(request, 'JobPackageName').replaceAll(/^\/+|\/+$/g, '')}`;
  const args = splitArguments(typeof request.ESSParameters === 'string' ? request.ESSParameters : '');
  const definition = jobDefinitions.find((job) => job.name === name && job.path === path);
  if (!definition?.argumentCounts.includes(args.length)) return refused;
  const fault = faults.fail[definition.step];
  if (fault === 'refuse') return refused;
  const plan = (job: SimulatedJob, at: Schedule) => definition.plan({ job, at, queue, ledger, args, fault });
  return queue.submit(definition, durationMs, plan).requestId;
}

function textOf(request: Resource, attribute: Attribute): string {
  const value = request[attribute];
  if (typeof value === 'string' && value !== '') return value;
  throw new HttpFailure(400, `A value is required for attribute ${attribute}.`);
}

/** Positional arguments, where one with a comma is in double quotes. */
function splitArguments(text: string): string[] {
  try {
    return parse(text, { relax_quotes: true })[0] ?? [];
  } catch {
    return [];
  }
}
