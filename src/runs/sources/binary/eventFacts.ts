import type { ParameterValue } from '../../../core/comparison/groups.ts';
import { isObject, parse, setOwn } from '../../../core/records/json.ts';
import type { RunFacts } from '../format.ts';
import { flattened, parameterFacts } from '../parameters.ts';
import type { ProtobufReader } from './protobuf.ts';

/** Under which Hugging Face's trainer logs its arguments. */
const argumentsTag = 'args/text_summary';
/** Milliseconds since 1970 that a date can have. */
const latestDate = 8.64e15;

/** What the first event says: `time` in seconds since 1970. */
export function eventFacts(time: number): RunFacts {
  const isDate = time > 0 && time * 1000 < latestDate;
  return isDate ? { createdAt: new Date(time * 1000).toISOString() } : {};
}

/** What the name of an event file says: events.out.tfevents.TIME.HOST, mostly with .PID.NUMBER and more behind it. */
export function hostOf(name: string): RunFacts {
  const rest = /tfevents\.\d+\.(.+)$/.exec(name)?.[1];
  const host = rest?.replace(/(?:\.\d+){1,2}(?:\.v2)?$/, '');
  return host === undefined ? {} : { host };
}

/** What a logged text says of the run. */
export function textFacts(tag: string, text: string): RunFacts {
  if (tag !== argumentsTag) return {};
  const values = parse(text);
  if (!isObject(values)) return {};
  const { run_name: name } = values;
  return { ...parameterFacts(flattened(values)), ...(typeof name === 'string' && name !== '' && { name }) };
}

/**
 * Parameters that the plugin "hparams" keeps (`HParamsPluginData.session_start_info.hparams`).
 * https://github.com/tensorflow/tensorboard/blob/master/tensorboard/plugins/hparams/plugin_data.proto
 */
export function pluginParameters(content: ProtobufReader): Readonly<Record<string, ParameterValue>> {
  const parameters: Record<string, ParameterValue> = {};
  for (const session of messages(content, 3))
    for (const entry of messages(session, 1)) {
      let key = '';
      let value: ParameterValue | undefined;
      while (entry.next()) {
        if (entry.field === 1 && entry.wire === 'bytes') key = entry.text;
        else if (entry.field === 2 && entry.wire === 'bytes') value = parameterOf(entry.message);
      }
      if (value !== undefined) setOwn(parameters, key, value);
    }
  return parameters;
}

/** The messages that a field holds. */
function* messages(reader: ProtobufReader, field: number): Generator<ProtobufReader> {
  while (reader.next()) if (reader.field === field && reader.wire === 'bytes') yield reader.message;
}

/** A google.protobuf.Value that is a number, a text or a boolean. */
function parameterOf(value: ProtobufReader): ParameterValue | undefined {
  let parameter: ParameterValue | undefined;
  while (value.next()) {
    if (value.field === 2 && value.wire === 'fixed64') parameter = value.double;
    else if (value.field === 3 && value.wire === 'bytes') parameter = value.text;
    else if (value.field === 4 && value.wire === 'varint') parameter = value.unsigned !== 0;
  }
  return parameter;
}
