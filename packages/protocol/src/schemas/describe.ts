import Type, { type TSchema } from 'typebox';

/** The same schema with a sentence of its own about what it stands for in its place. */
export const describe = <S extends TSchema>(schema: S, description: string): S =>
  Type.With(schema, { description }) as S;
