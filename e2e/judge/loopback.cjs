// The judge's origin listens on all addresses; here it may listen on this machine only.
const net = require('net')
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port) { return listen.call(this, port, '127.0.0.1') }
