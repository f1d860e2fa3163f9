/** Keys of the erpintegrations resource, in Oracle's order. Every answer has all of them, unused ones as null. */
const attributes = [
  'OperationName',
  'DocumentId',
  'DocumentContent',
  'FileName',
  'ContentType',
  'FileType',
  'DocumentAccount',
  'Comments',
  'ProcessName',
  'LoadRequestId',
  'JobPackageName',
  'JobDefName',
  'ReqstId',
  'RequestStatus',
  'JobName',
  'ParameterList',
  'NotificationCode',
  'CallbackURL',
  'JobOptions',
  'StatusCode',
  'ESSParameters',
] as const;

export type Attribute = (typeof attributes)[number];
export type Resource = Partial<Record<Attribute, unknown>>;

/** The first key that the resource does not have. Keys are case-exact. */
export function unknownAttribute(body: object): string | undefined {
  const known: readonly string[] = attributes;
  return Object.keys(body).find((key) => !known.includes(key));
}

export function fullResource(values: Resource): Record<Attribute, unknown> {
  const entries = attributes.map((attribute) => [attribute, values[attribute] ?? null] as const);
  return Object.fromEntries(entries) as Record<Attribute, unknown>;
}
