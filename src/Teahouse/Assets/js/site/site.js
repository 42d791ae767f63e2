// What every page has: the theme switch, the frame's drawers, dialogs, filters. Local toggles are Alpine components
// (the build without eval, for the content security policy); markup names them with x-data.
import Alpine from '@alpinejs/csp';
import { copyButton, reveal, typedName } from './buttons.js';
import { frame } from './frame.js';
import { listFilter } from './filter.js';
import { themeSwitch } from './theme-switch.js';
import { connectDialogs } from './dialogs.js';
import { showLocalTimes } from './times.js';

Alpine.data('frame', frame);
Alpine.data('listFilter', listFilter);
Alpine.data('themeSwitch', themeSwitch);
Alpine.data('reveal', reveal);
Alpine.data('typedName', typedName);
Alpine.data('copyButton', copyButton);
Alpine.start();

connectDialogs(document);
showLocalTimes(document);
