import { postgresFixture } from '../../../testing/databases.ts';
import { storeContract } from '../store.contract.ts';

storeContract('PostgreSQL', postgresFixture);
