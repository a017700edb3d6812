/**
 * A part of the storage that an extension brings along, so that the rest compiles and runs without it. Its rows are
 * read with `storage.readArea`; its mutations go into the same write sets as all others, under names that it adds to
 * `AreaMutations` of `write-set.ts`.
 */
export interface Area<S> {
  readonly name: string;
  /** Makes the store; what it reads with is the business of `storage/sql`. */
  readonly open: (reader: never) => S;
}
