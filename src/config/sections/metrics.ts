import { flag, group, text, whole } from '../fields.ts';

export const metrics = group({
  comment: 'Prometheus metrics, at /metrics of a listener of their own.',
  fields: {
    enabled: flag({ comment: 'Whether metrics are served.', default: false }),
    bind: text({ comment: 'Address to listen on.', default: '127.0.0.1' }),
    port: whole({ comment: 'TCP port.', default: 9090, min: 0, max: 65535 }),
  },
});
