/** Clients in a process of their own, to be killed: the addresses of rooms come as arguments. */
function connect(address: string): void {
  const socket = new WebSocket(address);
  socket.onclose = () => setTimeout(connect, 300, address);
}

for (const address of process.argv.slice(2)) connect(address);
// Nobody is left behind by a run that is ended.
process.once('disconnect', () => process.exit());
