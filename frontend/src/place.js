// The map of a question of place, fetched when somebody asks to see it. The address and the coordinates stay the answer:
// the mark only writes them, and follows them when they are typed.
import { DivIcon, DomEvent, Map as TownMap, Marker, TileLayer } from 'leaflet/dist/leaflet-src.esm.js';
import 'leaflet/dist/leaflet.css';
import './place.css';

const STILL = matchMedia('(prefers-reduced-motion: reduce)').matches;
const FRENCH = document.documentElement.lang === 'fr';
const CLOSE = 17;

const written = (degrees) => degrees.toFixed(6).replace('.', FRENCH ? ',' : '.');
const read = (field) => (field.value.trim() ? Number(field.value.trim().replace(',', '.').replace('−', '-')) : NaN);

export function draw(panel, place) {
  const said = panel.dataset;
  const { tiles, centre, zoom, deepest } = JSON.parse(said.map);
  const field = (end) => place.querySelector(`[name$='/${end}']`);
  const part = (name) => panel.querySelector(`[data-${name}]`);
  const say = (text) => (panel.querySelector('[role=status]').textContent = text);

  const box = panel.querySelector('.map');
  const map = new TownMap(box, {
    attributionControl: false,
    zoomControl: false,
    scrollWheelZoom: false,
    zoomAnimation: !STILL,
    fadeAnimation: !STILL,
    markerZoomAnimation: !STILL,
    inertia: !STILL,
    maxZoom: deepest,
  });
  addZoom(map, said);
  const layer = new TileLayer(tiles, { maxZoom: deepest });
  layer.once('tileerror', () => say(said.lost));
  const mark = new Marker(centre, {
    draggable: true,
    keyboard: false,
    icon: new DivIcon({ className: 'map-pin', iconSize: [28, 28], iconAnchor: [14, 34] }),
  });

  const put = (end, text) => {
    field(end).value = text;
    field(end).dispatchEvent(new Event('input', { bubbles: true }));
  };
  // Typed coordinates and those of “my position” or of a chosen address move the mark; unreadable ones move nothing.
  let writing = false;
  const follow = () => {
    const [latitude, longitude] = [read(field('latitude')), read(field('longitude'))];
    const known = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    part('remove').hidden = !known;
    if (!known) return mark.remove();
    mark.setLatLng([latitude, longitude]).addTo(map);
    if (!writing) map.setView([latitude, longitude], Math.max(map.getZoom(), Math.min(CLOSE, deepest)), { animate: !STILL });
  };
  const write = (latitude, longitude, text) => {
    writing = true;
    put('latitude', latitude);
    put('longitude', longitude);
    writing = false;
    follow();
    say(text);
  };
  const choose = (where) => {
    const { lat, lng } = where.wrap();
    write(written(lat), written(lng), said.placed);
    propose(lat, lng);
  };

  let asked = 0;
  const propose = async (latitude, longitude) => {
    const turn = ++asked;
    part('address').hidden = true;
    if (!said.nearest) return;
    try {
      const answer = await fetch(`${said.nearest}?${new URLSearchParams({ latitude, longitude })}`, { headers: { Accept: 'application/json' } });
      const [found] = (await answer.json()).places;
      if (turn !== asked || !found) return;
      part('address').textContent = said.take.replace('{address}', found.label);
      part('address').dataset.label = found.label;
      part('address').hidden = false;
    } catch {
      // Nobody could be asked: the address is typed.
    }
  };

  map.setView(centre, Math.min(zoom, deepest));
  map.addLayer(layer);
  map.on('click', ({ latlng }) => choose(latlng));
  mark.on('dragend', () => choose(mark.getLatLng()));
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.target !== box) return;
    event.preventDefault();
    choose(map.getCenter());
  });
  part('centre').addEventListener('click', () => choose(map.getCenter()));
  part('remove').addEventListener('click', () => {
    asked += 1;
    part('address').hidden = true;
    write('', '', said.removed);
    part('centre').focus();
  });
  part('address').addEventListener('click', ({ currentTarget }) => {
    put('address', currentTarget.dataset.label);
    currentTarget.hidden = true;
    field('address').focus();
  });
  for (const end of ['latitude', 'longitude']) field(end).addEventListener('input', () => writing || follow());
  follow();
  box.focus({ preventScroll: true });
}

// Real buttons, as wide as a finger, named in the language of the page.
function addZoom(map, said) {
  const bar = document.createElement('div');
  bar.className = 'map-zoom leaflet-control';
  for (const [sign, name, by] of [['+', said.closer, 1], ['−', said.farther, -1]]) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: sign, title: name });
    button.setAttribute('aria-label', name);
    button.addEventListener('click', () => map.setZoom(map.getZoom() + by));
    bar.append(button);
  }
  DomEvent.disableClickPropagation(bar);
  map.getContainer().querySelector('.leaflet-top.leaflet-right').append(bar);
}
