// Verifies deliveries with the library that receivers use: [{secret, headers, body}, …] on standard input, a word for each on standard output.
import { Webhook } from 'standardwebhooks';

let input = '';
for await (const piece of process.stdin) {
  input += piece;
}
const words = JSON.parse(input).map(({ secret, headers, body }) => {
  try {
    return new Webhook(secret).verify(body, headers).type;
  } catch (error) {
    return error.constructor.name;
  }
});
console.log(words.join(' '));
