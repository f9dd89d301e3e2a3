export * from './gru';
export * from './sampling';
export * from './optimizer';
