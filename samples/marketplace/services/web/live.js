// In the browser: the messages of an offer, and word of new offers on the list.
const article = document.querySelector('[data-offer]');
const feed = document.querySelector('#feed');

if (article) talk(article.dataset.offer);
else if (feed) listen();

function talk(offer) {
  const list = document.querySelector('#messages');
  const state = document.querySelector('#state');
  const form = document.querySelector('#say');
  const nameField = form.elements.namedItem('name');
  const textField = form.elements.namedItem('text');
  nameField.value = localStorage.getItem('name') ?? '';
  let socket;

  const show = ({ name, text, at }) => {
    const item = document.createElement('li');
    const who = document.createElement('b');
    const when = document.createElement('time');
    who.textContent = name;
    when.textContent = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    item.classList.toggle('mine', name === nameField.value.trim());
    item.append(who, when, document.createElement('br'), text);
    list.append(item);
    list.scrollTop = list.scrollHeight;
  };

  const join = () => {
    socket = connect(`offer=${offer}&name=${encodeURIComponent(nameField.value.trim())}`, {
      history: ({ messages }) => {
        list.replaceChildren();
        messages.forEach(show);
        state.textContent = 'live';
        state.className = 'on';
      },
      message: show,
      closed: () => {
        state.textContent = 'reconnecting …';
        state.className = '';
      },
    });
  };

  nameField.addEventListener('change', () => {
    localStorage.setItem('name', nameField.value.trim());
    socket.leave();
    join();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (socket.send(JSON.stringify({ text: textField.value }))) textField.value = '';
  });
  join();
}

function listen() {
  let fresh = 0;
  connect('offer=feed', {
    'offer.created': () => {
      fresh += 1;
      feed.hidden = false;
      const link = document.createElement('a');
      link.href = location.href;
      link.textContent = fresh === 1 ? '1 new offer: show it' : `${fresh} new offers: show them`;
      feed.replaceChildren(link);
    },
  });
}

/** Stays connected: comes again when the server restarts, later each time it fails. */
function connect(query, on) {
  let socket;
  let left = false;
  let wait = 250;
  const open = () => {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws?${query}`);
    socket.onopen = () => {
      wait = 250;
    };
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      on[event.type]?.(event);
    };
    socket.onclose = () => {
      if (left) return;
      on.closed?.();
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 8_000);
    };
  };
  open();
  return {
    send: (text) => socket.readyState === WebSocket.OPEN && (socket.send(text), true),
    leave: () => {
      left = true;
      socket.close();
    },
  };
}
