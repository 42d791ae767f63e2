// A chat server with socket.io and its own rooms, over WebSockets only. Usage: node socketio.js PORT
const { createServer } = require('node:http');
const { Server } = require('socket.io');

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });

io.on('connection', socket => {
  const { room } = socket.handshake.query;
  socket.join(room);
  socket.on('message', ({ message }) => io.to(room).emit('message', { message }));
});

http.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
