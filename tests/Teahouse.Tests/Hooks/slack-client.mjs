// Slack's own Node client against an incoming webhook: prints what it was answered.
import { IncomingWebhook } from '@slack/webhook';

const hook = new IncomingWebhook(process.argv[2]);
const answers = [
  (await hook.send('早安')).text,
  (await hook.send({
    text: 'fallback',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '<https://a.example|部署完成>' } }],
    attachments: [{ fallback: 'f', fields: [{ title: '版本', value: '1.2', short: true }] }],
  })).text,
];
try {
  await hook.send({ text: '' });
} catch (error) {
  answers.push(/\d{3}/.exec(error.message)?.[0]);
}
console.log(answers.join(' '));
