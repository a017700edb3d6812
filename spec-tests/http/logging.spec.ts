import assert from 'node:assert/strict';
import { endpoint } from '../../src/http/endpoint.ts';
import { Loggers, textLine } from '../../src/util/logger.ts';
import { startTestApi } from '../support/test-api.ts';

const whoami = endpoint({
  name: 'whoami',
  method: 'get',
  paths: ['/whoami/{userId}'],
  auth: 'accessToken',
  rateLimit: false,
  handle: () => ({}),
});

const fails = endpoint({
  ...whoami,
  name: 'fails',
  paths: ['/fails'],
  auth: 'none',
  handle: () => {
    throw new Error('could not fetch https://x.org/?access_token=syt_secret&a=1');
  },
});

describe('logging', () => {
  it('writes one line a request, with everything but what is secret', async () => {
    const api = await startTestApi([whoami, fails], {});
    await fetch(`${api.url}/whoami/@a:b?access_token=alice&x=query`, { headers: { 'x-request-id': 'r1' } });
    await fetch(`${api.url}/whoami/@a:b`, { headers: { authorization: 'Bearer syt_secret' } });
    await fetch(`${api.url}/fails?access_token=syt_secret`);
    await api.stop();
    const { req, method, path, endpoint: name, status, bytes, user, ip } = JSON.parse(api.lines[0] ?? '{}');
    assert.deepEqual(
      { req, method, path, name, status, bytes, user, ip },
      {
        req: 'r1',
        method: 'GET',
        path: '/whoami/@a:b',
        name: 'whoami',
        status: 200,
        bytes: 2,
        user: '@alice:test',
        ip: '127.0.0.1',
      },
    );
    assert.doesNotMatch(api.lines.join(''), /syt_secret|access_token=alice|query/);
    assert.match(api.lines.join(''), /could not fetch https:\/\/x\.org\/\?access_token=\[hidden\]&a=1/);
  });

  it('cuts secrets out of fields', () => {
    const lines: string[] = [];
    const logger = new Loggers({ level: 'info', format: 'json', write: (line) => lines.push(line) }).named('x');
    logger.info({ password: 'p1', body: { access_token: 'p2', device_id: 'D' } }, 'login');
    assert.doesNotMatch(lines.join(''), /p1|p2/);
    assert.match(lines.join(''), /"device_id":"D"/);
  });

  it('leaves out what is less important than its level', () => {
    const lines: string[] = [];
    const logger = new Loggers({ level: 'warn', format: 'json', write: (line) => lines.push(line) }).named('x');
    logger.info('one');
    logger.warn('two');
    assert.equal(lines.length, 1);
  });

  it('is readable for people', () => {
    const line = JSON.stringify({ level: 30, time: 0, name: 'http', msg: 'request', path: '/a b', status: 200 });
    assert.equal(textLine(line), '1970-01-01T00:00:00.000Z INFO  http: request path="/a b" status=200\n');
  });
});
