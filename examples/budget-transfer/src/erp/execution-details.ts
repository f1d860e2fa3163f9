import { isJsonObject, parseJson, textAt } from './json.ts';

/** A job and the jobs it spawned. */
export interface JobNode {
  readonly name: string;
  readonly requestId: string;
  readonly status: string;
  readonly children: readonly JobNode[];
}

/** Reads the JSON text that ESSExecutionDetailsRF puts into RequestStatus; undefined when it is something else. */
export function readExecutionDetails(text: string): JobNode | undefined {
  const json = parseJson(text);
  return isJsonObject(json) ? readNode(json.JOBS) : undefined;
}

/** The job itself and all below it, parents first. */
export function flattenJobs(node: JobNode): JobNode[] {
  return [node, ...node.children.flatMap(flattenJobs)];
}

function readNode(value: unknown): JobNode | undefined {
  if (!isJsonObject(value)) return undefined;
  const requestId = textAt(value, 'REQUESTID');
  const status = textAt(value, 'STATUS');
  if (requestId === undefined || status === undefined) return undefined;
  const name = textAt(value, 'JOBNAME') ?? `request ${requestId}`;
  return { name, requestId, status, children: readChildren(value.CHILD) };
}

// One child comes as an object, several as a list, none not at all.
function readChildren(value: unknown): JobNode[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map(readNode).filter((node) => node !== undefined);
}
