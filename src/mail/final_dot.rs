//! The moment before a mail is whole. Until the final dot a server has taken nothing (RFC 5321, 4.1.1.4); after it, nobody knows until
//! the server answers. So the dot is held back for a moment, and not sent to a server that has left or said something by then.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

#[expect(deprecated, reason = "see where it is used")]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::client::{AsyncTokioStream, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_util::compat::FuturesAsyncReadCompatExt as _;

use super::smtp_fault::SmtpFault;

/// Where a mail is on its way, known to the conversation and to its connection.
#[derive(Debug, Clone)]
pub(super) struct DotGate(Arc<Mutex<Stage>>);

#[derive(Debug)]
enum Stage {
    /// The mail is not whole yet.
    Open,
    /// All but the dot is handed over; it follows then.
    Held(Pin<Box<Sleep>>),
    /// The dot may be on its way.
    Passed,
    /// The server left or spoke first. Nothing is sent any more: what protects the connection may still hold the dot.
    Shut,
}

impl DotGate {
    pub(super) fn new() -> DotGate {
        DotGate(Arc::new(Mutex::new(Stage::Open)))
    }

    /// Holds back what is sent from now on, for so long.
    pub(super) fn hold(&self, pause: Duration) {
        *self.stage() = Stage::Held(Box::pin(tokio::time::sleep(pause)));
    }

    /// Whether the server may have been told that the mail is whole.
    pub(super) fn has_passed(&self) -> bool {
        matches!(*self.stage(), Stage::Passed)
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, socket: &std::net::TcpStream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut stage = self.stage();
        if let Stage::Held(pause) = &mut *stage {
            ready!(pause.as_mut().poll(cx));
            *stage = if is_silent(socket) { Stage::Passed } else { Stage::Shut };
        }
        Poll::Ready(match *stage {
            Stage::Shut => Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the server ended the conversation before the mail was whole",
            )),
            _ => Ok(()),
        })
    }
}

/// Whether the server is there, and waits for more. A connection that it closed shows its end, one that broke its error.
fn is_silent(socket: &std::net::TcpStream) -> bool {
    matches!(socket.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// A connection to a mail server, which passes the gate.
#[derive(Debug)]
pub(super) struct Gated<S> {
    stream: S,
    /// The same connection once more: below what protects it, to look whether anything has come.
    socket: std::net::TcpStream,
    gate: DotGate,
}

/// Connects to `host`, and passes the gate there.
pub(super) async fn connect(host: &str, port: u16, gate: DotGate) -> io::Result<Box<dyn AsyncTokioStream>> {
    let (stream, socket) = twice(host, port).await?;
    Ok(Box::new(Gated { stream, socket, gate }))
}

/// The same with TLS from the start.
///
/// # Errors
/// When the server is not reached, or its certificate is not accepted.
pub(super) async fn connect_protected(
    host: &str,
    port: u16,
    gate: DotGate,
    tls: TlsParameters,
) -> Result<Box<dyn AsyncTokioStream>, SmtpFault> {
    let (stream, socket) = twice(host, port).await?;
    #[expect(deprecated, reason = "nothing else of the library protects a connection that we have made")]
    let mut stream = AsyncNetworkStream::use_existing_tokio1(Box::new(stream));
    stream.upgrade_tls(tls).await?;
    Ok(Box::new(Gated { stream: stream.compat(), socket, gate }))
}

async fn twice(host: &str, port: u16) -> io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = TcpStream::connect((host, port)).await?.into_std()?;
    let socket = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, socket))
}

impl<S: AsyncRead + Unpin> AsyncRead for Gated<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gated<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.gate.poll(&self.socket, cx))?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin + Debug> AsyncTokioStream for Gated<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }
}
