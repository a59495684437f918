'use strict';
(function () {
  var articles = Array.prototype.slice.call(document.querySelectorAll('article'));
  var filter = document.querySelector('.filter');
  var said = document.getElementById('said');
  if (filter) {
    start();
  }
  // The event does not bubble, so it is met on the way down.
  document.addEventListener('toggle', function (event) {
    var held = event.target.querySelector('script');
    if (held) {
      var page = new DOMParser().parseFromString(held.textContent, 'text/html');
      held.replaceWith.apply(held, Array.prototype.slice.call(page.body.childNodes));
    }
  }, true);
  document.addEventListener('click', function (event) {
    var button = event.target.closest('button');
    if (button && button.className === 'copy') {
      copy(button);
    }
  });

  function start() {
    var search = document.getElementById('search');
    var selects = Array.prototype.slice.call(filter.querySelectorAll('select'));
    var shown = document.getElementById('shown');
    var unfold = document.getElementById('unfold');
    var texts = null;
    var timer = 0;
    filter.hidden = false;
    show();
    search.addEventListener('input', function () {
      clearTimeout(timer);
      timer = setTimeout(show, 120);
    });
    selects.forEach(function (select) {
      select.addEventListener('change', show);
    });
    document.getElementById('reset').addEventListener('click', function () {
      search.value = '';
      selects.forEach(function (select) {
        select.value = '';
      });
      show();
    });
    unfold.addEventListener('click', function () {
      var open = unfold.textContent === 'Unfold';
      // Thousands at once would stop the page for long.
      articles.filter(visible).slice(0, 200).forEach(function (article) {
        article.firstElementChild.open = open;
      });
      unfold.textContent = open ? 'Fold' : 'Unfold';
    });
    document.addEventListener('click', function (event) {
      var button = event.target.closest('button.only');
      if (button) {
        document.getElementById(button.dataset.key).value = button.dataset.value;
        show();
        document.getElementById('findings').scrollIntoView();
      }
    });

    function show() {
      var wanted = search.value.trim().toLowerCase();
      var count = 0;
      if (wanted && !texts) {
        texts = articles.map(function (article) {
          return article.textContent.toLowerCase();
        });
      }
      articles.forEach(function (article, index) {
        var fits = selects.every(function (select) {
          return !select.value || article.dataset[select.dataset.key] === select.value;
        });
        article.hidden = !(fits && (!wanted || texts[index].indexOf(wanted) >= 0));
        count += article.hidden ? 0 : 1;
      });
      shown.textContent = count + ' of ' + articles.length + ' shown, copies together';
    }
  }

  function visible(article) {
    return !article.hidden;
  }

  function copy(button) {
    var code = button.previousElementSibling;
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(code.textContent).then(done, byHand);
    } else {
      byHand();
    }
    function byHand() {
      getSelection().selectAllChildren(code);
      if (document.execCommand('copy')) {
        done();
      } else {
        said.textContent = 'The command is selected: copy it with the keyboard';
      }
    }
    function done() {
      button.textContent = 'Copied';
      said.textContent = 'Copied to the clipboard';
      setTimeout(function () {
        button.textContent = 'Copy';
        said.textContent = '';
      }, 2000);
    }
  }
})();
