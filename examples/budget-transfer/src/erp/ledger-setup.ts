/** Numbers and names of the ERP's setup that the journal flow needs; a finance administrator looks them up once. */
export interface LedgerSetup {
  readonly ledgerId: string;
  readonly ledgerName: string;
  readonly dataAccessSetId: string;
  /** Journal source, as the file carries it and as the import is asked for it. */
  readonly journalSource: string;
  readonly journalCategory: string;
  /** AutoPost criteria set that selects the imported batch. */
  readonly autoPostCriteriaSetId: string;
  /** UCM account that uploads go to, such as `fin$/generalLedger$/import$`. */
  readonly documentAccount: string;
}
