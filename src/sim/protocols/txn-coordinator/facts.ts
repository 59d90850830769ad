/** What a coordinator tells of its transactions. */
export type TransactionFact =
  | {
      readonly type: 'transaction.fenced';
      readonly transactionalId: string;
      /** The epoch that counts from now on. */
      readonly producerEpoch: number;
      readonly why: string;
    }
  | {
      readonly type: 'transaction.decided';
      readonly transactionalId: string;
      readonly outcome: 'commit' | 'abort';
      readonly partitions: number;
    }
  | {
      readonly type: 'transaction.end-refused';
      readonly transactionalId: string;
      readonly producerEpoch: number;
      readonly outcome: 'commit' | 'abort';
    }
  | {
      readonly type: 'transaction.completed';
      readonly transactionalId: string;
      readonly outcome: 'commit' | 'abort';
    };
