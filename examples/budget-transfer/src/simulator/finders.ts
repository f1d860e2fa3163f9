import { strToU8, zipSync } from 'fflate';
import { HttpFailure } from './http-failure.ts';
import type { JobQueue, SimulatedJob } from './job-queue.ts';
import { fullResource, type Resource } from './resource.ts';

/** Answers a finder such as `ESSJobExecutionDetailsRF;requestId=7,fileType=LOG` with its one item. */
export function runFinder(queue: JobQueue, finder: string): object {
  const [name = '', list = ''] = finder.split(';');
  const variables = new Map(
    list.split(',').map((pair): [string, string] => {
      const [key = '', ...value] = pair.split('=');
      return [key, value.join('=')];
    }),
  );
  const requestId = variables.get('requestId');
  if (requestId === undefined) throw new HttpFailure(400, `The finder ${name} needs the variable requestId.`);
  const job = queue.find(requestId);
  switch (name) {
    case 'ESSJobStatusRF':
      // A job that another one spawned has no status here.
      return oneItem({ ReqstId: requestId, RequestStatus: job?.submitted ? job.status : '' });
    case 'ESSExecutionDetailsRF':
      return oneItem({ ReqstId: requestId, RequestStatus: job ? JSON.stringify({ JOBS: detailsOf(job) }) : '' });
    case 'ESSJobExecutionDetailsRF': {
      const fileType = variables.get('fileType') ?? 'ALL';
      return oneItem({
        ReqstId: requestId,
        FileType: fileType,
        DocumentContent: job ? packFiles(job, fileType) : null,
      });
    }
    default:
      throw new HttpFailure(400, `The finder ${name} is not supported.`);
  }
}

function oneItem(values: Resource): object {
  return { items: [fullResource(values)], count: 1, hasMore: false, limit: 25, offset: 0, links: [] };
}

function detailsOf(job: SimulatedJob): object {
  const [child, ...others] = job.children.map(detailsOf);
  const details = { JOBNAME: job.name, JOBPATH: job.path, REQUESTID: job.requestId, STATUS: job.status };
  if (child === undefined) return details;
  return { ...details, CHILD: others.length === 0 ? child : [child, ...others] };
}

/** LOG and ALL bring log and output, OUT the output alone. */
function packFiles(job: SimulatedJob, fileType: string): string | null {
  const files: Record<string, Uint8Array> = {};
  if (fileType !== 'OUT' && job.log !== '') files[`${job.requestId}.log`] = strToU8(`${job.log}\n`);
  if (job.output !== '') files[`${job.requestId}.txt`] = strToU8(`${job.output}\n`);
  return Object.keys(files).length === 0 ? null : Buffer.from(zipSync(files)).toString('base64');
}
