import { make } from '../test/dom.js';
import { inline } from './prose.js';

/** @typedef {import('./documents.js').Schema} Schema */
/** @typedef {import('./documents.js').Schemas} Schemas */

/**
 * Direction of a value: a request marks its required members, a response those that may be missing.
 * @typedef {'asked' | 'given'} Way
 */

/**
 * Lists the members of an object, each with its type and description. A member's own members are shown when it is opened.
 * @param {Schemas} schemas
 * @param {Schema} given
 * @param {Way} way
 * @param {(name: string) => boolean} [isShown]
 * @returns {HTMLElement}
 */
export function membersView(schemas, given, way, isShown = () => true) {
  const { schema } = schemas.resolve(given);
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {})
    .filter(([name]) => isShown(name))
    .map(([name, member]) => memberView(schemas, name, member, { way, isRequired: required.has(name) }));
  if (typeof schema.additionalProperties === 'object' || schema['x-any-members']) {
    rows.push(make('li', {}, make('p', { className: 'muted' }, 'and any other members')));
  }
  return make('ul', { className: 'members' }, ...rows);
}

/**
 * @param {Schemas} schemas
 * @param {string} name
 * @param {Schema} given
 * @param {{ way: Way, isRequired: boolean }} place
 */
export function memberView(schemas, name, given, { way, isRequired }) {
  const { schema } = schemas.resolve(given);
  const head = make(
    'p',
    { className: 'member' },
    make('code', { className: 'name' }, name),
    make('span', { className: 'type' }, typeOf(schemas, given)),
    ...(isRequired === (way === 'asked')
      ? [make('span', { className: way }, isRequired ? 'required' : 'may be missing')]
      : []),
  );
  const parts = partsOf(schemas, given, way);
  return make('li', {}, head, ...saidOf(schema), ...(parts ? [opened(parts.label, parts.show)] : []));
}

/**
 * The sentence, bounds and values of a schema.
 * @param {Schema} schema
 */
function saidOf(schema) {
  const bounds = boundsOf(schema);
  const sentence = [schema.description, bounds].filter(Boolean).join('. ');
  const values = (schema.enum ?? schema.items?.enum ?? []).map((value) => make('code', {}, String(value)));
  return [
    ...(sentence ? [make('p', { className: 'about' }, ...inline(`${sentence.replace(/\.$/, '')}.`))] : []),
    ...(values.length > 0 ? [make('p', { className: 'values' }, ...values)] : []),
  ];
}

/** @param {Schema} schema */
function boundsOf({ minLength, maxLength, minimum, maximum, minItems, maxItems, default: usual }) {
  const isCounted = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return [
    ...(maxLength === undefined
      ? []
      : [`${minLength ? `${minLength} to` : 'At most'} ${grouped(maxLength)} characters`]),
    ...(isCounted ? [`${grouped(minimum ?? 0)} to ${grouped(maximum)}`] : []),
    ...(maxItems === undefined ? [] : [`${minItems ? `${minItems} to` : 'At most'} ${grouped(maxItems)} items`]),
    ...(usual === undefined ? [] : [`Default \`${String(usual)}\``]),
  ].join('. ');
}

/** @param {number} value */
const grouped = (value) => value.toLocaleString('en');

/**
 * The schemas of which a schema may be one.
 * @param {Schema} schema
 * @returns {readonly Schema[]}
 */
const choicesOf = ({ oneOf, anyOf }) => oneOf ?? anyOf ?? [];

/**
 * A type in words, as "array of Task" or "string or null".
 * @param {Schemas} schemas
 * @param {Schema} given
 * @returns {string}
 */
function typeOf(schemas, given) {
  const { name, schema } = schemas.resolve(given);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items) return `array of ${typeOf(schemas, schema.items)}`;
  const choices = choicesOf(schema);
  if (choices.length > 0 && name) return name;
  if (choices.length > 0) return [...new Set(choices.map((one) => typeOf(schemas, one)))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  if (schema.type === 'object' && name) return name;
  return schema.type ?? (schema.enum ? 'string' : 'any JSON');
}

/**
 * The members of a schema that has any, as a part that can be opened.
 * @param {Schemas} schemas
 * @param {Schema} given
 * @param {Way} way
 * @returns {{ label: string, show: () => HTMLElement } | null}
 */
function partsOf(schemas, given, way) {
  const { schema } = schemas.resolve(given);
  if (schema.items) return partsOf(schemas, schema.items, way);
  if (schema.properties) return { label: 'Members', show: () => membersView(schemas, given, way) };
  const choices = choicesOf(schema).filter((one) => schemas.resolve(one).schema.properties);
  const [only] = choices;
  if (!only) return null;
  if (choices.length === 1) return partsOf(schemas, only, way);
  return { label: 'One of these', show: () => choicesView(schemas, choices, way) };
}

/**
 * @param {Schemas} schemas
 * @param {readonly Schema[]} choices
 * @param {Way} way
 */
function choicesView(schemas, choices, way) {
  const rows = choices.map((choice) => {
    const { name, schema } = schemas.resolve(choice);
    const own = Object.keys(schema.properties ?? {});
    const label = name ?? `{ ${own.join(', ')} }`;
    return make(
      'li',
      {},
      opened(label, () => membersView(schemas, choice, way)),
    );
  });
  return make('ul', { className: 'members choices' }, ...rows);
}

/**
 * Something that is made when it is opened for the first time.
 * @param {string} label
 * @param {() => HTMLElement} show
 */
export function opened(label, show) {
  const details = make('details', { className: 'parts' }, make('summary', {}, label));
  details.addEventListener('toggle', () => details.childElementCount === 1 && details.append(show()), { once: true });
  return details;
}

/** More kinds than these are shown when they are asked for. */
const few = 6;

/**
 * The body of a call or answer: its members, or the kinds it may be of.
 * @param {Schemas} schemas
 * @param {Schema} given
 * @param {Way} way
 * @returns {HTMLElement}
 */
export function bodyView(schemas, given, way) {
  const { schema } = schemas.resolve(given);
  if (schema.properties) return membersView(schemas, given, way);
  const choices = choicesOf(schema);
  const kinds = choices.length > 0 ? choices : [schema];
  if (kinds.length <= few) return kindsView(schemas, kinds, way);
  return opened(`One of ${kinds.length} kinds`, () => kindsView(schemas, kinds, way));
}

/**
 * @param {Schemas} schemas
 * @param {readonly Schema[]} kinds
 * @param {Way} way
 */
function kindsView(schemas, kinds, way) {
  const rows = kinds.map((kind) => {
    const parts = partsOf(schemas, kind, way);
    const label = labelOf(schemas, kind);
    return make('li', {}, parts ? opened(label, parts.show) : make('p', { className: 'muted' }, label));
  });
  const [first] = rows;
  // Of few, the first is the usual one.
  if (first && rows.length <= 2) first.querySelector('details')?.setAttribute('open', '');
  return make('ul', { className: 'members choices' }, ...rows);
}

/**
 * @param {Schemas} schemas
 * @param {Schema} kind
 */
function labelOf(schemas, kind) {
  const { name, schema } = schemas.resolve(kind);
  if (schema.items)
    return `An array of ${typeOf(schemas, schema.items)}${schema.maxItems ? `, ${schema.minItems ?? 0} to ${grouped(schema.maxItems)}` : ''}`;
  return name ?? typeOf(schemas, kind);
}
