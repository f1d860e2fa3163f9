import type { CanaryStore, IncidentStore, StoredIncident } from '../domain/store/health.ts';
import { type RowOf, type SqlDatabase, step } from './steps.ts';

/** The incidents of nodes, and the records of their canaries. */
export const healthStore = (database: SqlDatabase): IncidentStore & CanaryStore => ({
  async putIncidents(incidents, keep) {
    await database.write({
      put: incidents.map((incident) => step('putIncident', paramsOf(incident))),
      forgotten: step('forgetIncidents', { keep }),
    });
  },

  async incidents(newest) {
    return (await database.rows(step('incidents', { newest }))).map(incidentOf);
  },

  async endIncident(id, seenAt) {
    const { ended } = await database.write({ ended: step('endIncident', { id, seenAt }) });
    return ended.length === 1;
  },

  async canaryRecords() {
    return (await database.rows(step('canaryRecords'))).map(({ record_id: id, rev }) => ({ id, rev }));
  },

  async removeCanaryRecords(records) {
    await database.write({
      // Commits, which may move one of them, wait.
      locked: step('touch'),
      topics: records.map(({ rev }) => step('removeCanaryTopic', { rev })),
      records: records.map(({ rev }) => step('removeCanaryRecord', { rev })),
    });
  },
});

const paramsOf = ({ started_at, ended_at, ended_by, reasons, ...rest }: StoredIncident) => ({
  ...rest,
  ...{ reasons: JSON.stringify(reasons), startedAt: Date.parse(started_at) },
  ...{ endedAt: ended_at === null ? null : Date.parse(ended_at), endedBy: ended_by },
});

function incidentOf({ ordinal: _, started_at, seen_at, ended_at, reasons, ...rest }: RowOf<'incidents'>) {
  return {
    ...rest,
    started_at: new Date(started_at).toISOString(),
    ended_at: ended_at === null ? null : new Date(ended_at).toISOString(),
    ...{ reasons: JSON.parse(reasons), seenAt: seen_at },
  } as StoredIncident;
}
