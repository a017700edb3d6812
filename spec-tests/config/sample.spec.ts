import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/load.ts';
import { sampleConfig } from '../../src/config/sample.ts';

const parse = (text: string) => parseConfig(text, { name: 'homeserver.yaml', configDir: '/srv' });

describe('The sample configuration', () => {
  it('is the homeserver.yaml that is checked in', () => {
    assert.equal(readFileSync(join(process.cwd(), 'homeserver.yaml'), 'utf8'), sampleConfig());
  });

  it('shows as comments the defaults themselves', () => {
    const options = /^( *)#(\S+:| {2}- )/gm;
    const uncommented = sampleConfig().replace(options, '$1$2');
    const shown = parse(uncommented);
    const { appservices, captcha, database, email, federation, registration, sessions, voip, ...others } = parse(
      sampleConfig(),
    );
    const { live, media, redis, retention, serverNotices, ...rest } = others;
    const some = { appservices, captcha, database, email, federation };
    const withoutDefaults = { ...some, registration, sessions, voip, serverNotices, live, media, redis, retention };
    assert.deepEqual({ ...shown, ...withoutDefaults }, { ...withoutDefaults, ...rest });
    assert.deepEqual({ ...shown.appservices, folder: undefined }, appservices);
    assert.deepEqual({ ...shown.database, url: undefined }, database);
    const noCaptcha = { siteKey: undefined, secret: undefined, verifyUrl: undefined, scriptUrl: undefined };
    assert.deepEqual({ ...shown.captcha, ...noCaptcha }, captcha);
    const noMail = { smtpHost: undefined, smtpUser: undefined, smtpPassword: undefined };
    assert.deepEqual({ ...shown.email, ...noMail }, email);
    const noSecrets = { claimsWebhookToken: undefined, platformSecret: undefined };
    const noClaims = { claimsJwksUrl: undefined, claimsIssuer: undefined, ...noSecrets };
    const noLookUp = { claimsLookupUrl: undefined, claimsLookupToken: undefined };
    const noGateways = { gatewaySecret: undefined, gatewayServer: undefined };
    assert.deepEqual({ ...shown.live, ...noClaims, ...noLookUp, ...noGateways }, live);
    assert.deepEqual({ ...shown.redis, url: undefined, tlsCa: undefined }, redis);
    assert.deepEqual({ ...shown.voip, turnSharedSecret: undefined }, voip);
    assert.deepEqual({ ...shown.media, localLifetime: undefined, remoteLifetime: undefined }, media);
    const forever = { defaultLifetime: undefined, minLifetime: undefined, maxLifetime: undefined };
    assert.deepEqual({ ...shown.retention, ...forever }, retention);
    const nobody = { localpart: undefined, avatarUrl: undefined, roomTopic: undefined };
    assert.deepEqual({ ...shown.serverNotices, ...nobody }, serverNotices);
    assert.deepEqual({ ...shown.federation, wellKnownServer: undefined }, federation);
  });

  it('keeps every line within 120 characters', () => {
    assert.deepEqual(
      sampleConfig()
        .split('\n')
        .filter((line) => line.length > 120),
      [],
    );
  });
});
