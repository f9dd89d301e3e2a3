// A reporter for Node's test runner that sends what happens to the process that has started the tests, tools/test.mjs.
import { inspect } from 'node:util';

/** The file's own tests and those of its suites; a suite, or a test that failed only by its subtests, is no test of its own. */
const isTest = ({ details }) => details.type !== 'suite' && details.error?.failureType !== 'subtestsFailed';

export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type === 'test:diagnostic') {
      // The runner's own counts are left out: there is one sum for all files.
      if (!/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(data.message)) send({ diagnostic: data.message });
    } else if (type === 'test:pass' || type === 'test:fail') {
      const { name, nesting, details } = data;
      const skipped = data.skip !== undefined || data.todo !== undefined;
      const outcome = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
      const error = outcome === 'failed' ? inspect(details.error?.cause ?? details.error) : undefined;
      send({ name, nesting, suite: details.type === 'suite', counts: isTest(data), outcome, error, milliseconds: details.duration_ms });
    }
  }
  yield '';
}

function send(message) {
  process.send?.(message);
}
