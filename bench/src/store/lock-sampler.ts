import pg from 'pg';

/** Time between two samples, ms. */
const interval = 2;

const look = `
create function look(seconds double precision) returns double precision language plpgsql as $$
declare
  looks int := 0;
  held int := 0;
  until timestamptz := clock_timestamp() + seconds * interval '1 second';
begin
  while clock_timestamp() < until loop
    looks := looks + 1;
    if exists (select from pg_locks where locktype = 'relation' and granted and mode = 'RowShareLock'
      and relation = 'sequence'::regclass and database = (select oid from pg_database where datname = current_database()))
    then held := held + 1; end if;
    perform pg_sleep(${interval / 1_000});
  end loop;
  return held::double precision / greatest(looks, 1);
end $$`;

/** Looks every so often whether some commit holds the row of the sequence. */
export class LockSampler {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async on(url: string): Promise<LockSampler> {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(look);
    return new LockSampler(client);
  }

  /** @returns the part of the time in which it was held, 0 to 1 */
  async sample(seconds: number): Promise<number> {
    const { rows } = await this.#client.query<{ part: number }>('select look($1) as part', [seconds]);
    return rows[0]?.part ?? 0;
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
