/**
 * The rows of each group, in the order of the batch, by group number.
 * `groups`: [batch] group numbers, counted from 0. A number that no row has gives an empty list.
 */
export function rowsByGroup(groups: Int32Array): readonly (readonly number[])[] {
  const rows: number[][] = [];
  groups.forEach((group, row) => {
    while (rows.length <= group) rows.push([]);
    rows[group]!.push(row);
  });
  return rows;
}
