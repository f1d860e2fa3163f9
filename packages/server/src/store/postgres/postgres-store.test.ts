import { TestDatabase } from '../../../testing/postgres.ts';
import { storeContract } from '../store.contract.ts';

storeContract('PostgreSQL', async () => {
  const database = await TestDatabase.create();
  return {
    make: (now) => database.store(now),
    isShared: true,
    loseProof: () => database.query("update history set place = 'elsewhere'"),
    remove: () => database.drop(),
  };
});
