import Type, { type TSchema } from 'typebox';

/** The same schema with a description for the place where it is used. */
export const describe = <S extends TSchema>(schema: S, description: string): S =>
  Type.With(schema, { description }) as S;
