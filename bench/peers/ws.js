// A chat server with the package `ws`: rooms of sockets; a message is encoded once and handed to each. Usage: node ws.js PORT
const { WebSocket, WebSocketServer } = require('ws');

const rooms = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: false, backlog: 4096 });

server.on('connection', (socket, request) => {
  const name = request.url;
  const room = rooms.get(name) ?? new Set();
  rooms.set(name, room.add(socket));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => room.delete(socket));
  socket.on('message', data => {
    const text = Buffer.from(JSON.stringify({ message: JSON.parse(data).message }));
    for (const member of room) {
      if (member.readyState === WebSocket.OPEN) {
        member.send(text, { binary: false });
      }
    }
  });
});
