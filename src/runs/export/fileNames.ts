import path from 'node:path';

/** A name for the file of each run directory, all different: the directory's own, and a number behind it where several have the same. */
export function fileNames(dirs: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  // Some file systems do not tell names apart by their case.
  const taken = new Set(dirs.map((dir) => path.basename(dir).toLowerCase()));
  const given = new Set<string>();
  for (const dir of dirs) {
    const own = path.basename(dir);
    let name = own;
    for (let n = 2; given.has(name.toLowerCase()) || (n > 2 && taken.has(name.toLowerCase())); n++) name = `${own}-${n}`;
    given.add(name.toLowerCase());
    names.set(dir, name);
  }
  return names;
}
